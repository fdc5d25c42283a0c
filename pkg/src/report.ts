import type { Answer } from "./engine/engine.js";
import { parse } from "./engine/frame.js";
import { describe, OidcError, worded } from "./error.js";
import { SIGNATURES, VERDICTS } from "./generated/calls.js";
import type { Check, TokenReport } from "./types.js";

/** A rule, its result in the second byte, and the two values of a failure. */
type Said = [check: number, expected: string | undefined, found: string | undefined];

/** A report, and the error of the first broken rule. */
export interface Reported {
  report: TokenReport;
  refusal: OidcError | undefined;
}

/** Reads a report. Its strings are made at first use. */
export function reported(answer: Answer): Reported {
  const valid = answer.number() === 1;
  const signature = SIGNATURES[answer.number()] ?? "unchecked";
  const header = answer.string();
  const claims = answer.string();
  const said: Said[] = [];
  for (let count = answer.number(); count > 0; count--) said.push([answer.number(), answer.text(), answer.text()]);
  let checks: Check[] | undefined;
  const report: TokenReport = {
    valid,
    signature,
    header: parse(header),
    claims: parse(claims),
    get checks() {
      checks ??= said.map(worded_);
      return checks;
    },
  };
  const broken = valid ? undefined : said.find(([check]) => VERDICTS[check >> 8] === "fail");
  const refusal = broken && new OidcError(broken[0] & 0xff, { expected: broken[1], found: broken[2] });
  return { report, refusal };
}

function worded_([check, expected, found]: Said): Check {
  const [rule = "", spec = "", sentence = ""] = describe(check & 0xff);
  const verdict = VERDICTS[check >> 8] ?? "fail";
  const message = worded(sentence, { expected, found });
  return verdict === "warn"
    ? { rule, verdict: "skip", spec, message, warning: true }
    : { rule, verdict, spec, message };
}
