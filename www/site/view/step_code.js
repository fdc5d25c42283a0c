// @ts-check
/** The code that makes a message: in JavaScript, with curl, in Rust. Its values are those of this login, and never a secret. */
import code from "docs:code";
import { callback, place, signedOut } from "../place.js";
import { strings } from "../strings.js";
import { codeBlock } from "./code.js";
import { fold } from "./parts.js";

const titles = { javascript: "JavaScript", curl: "curl", rust: "Rust" };

/** The programs write these; the page puts its own in their place. */
const values = /** @type {const} */ ([
  ["https://op.example", place.issuer],
  ["https://app.example/cb", callback],
  ["https://app.example/bye", signedOut],
  ['"app"', JSON.stringify(place.clientId)],
  ["client_id=app", `client_id=${place.clientId}`],
]);

/** @param {import("../login.js").StepName} step */
export function stepCode(step) {
  const blocks = Object.entries(titles).flatMap(([name, title]) => {
    const text = code[/** @type {keyof typeof titles} */ (name)][step];
    return text
      ? [
          codeBlock(
            title,
            values.reduce((text, [from, to]) => text.replaceAll(from, to), text),
          ),
        ]
      : [];
  });
  return blocks.length > 0 && fold(strings.code.title, blocks);
}
