import { nextFlag, nextNumber, nextString, nextText } from "./engine/engine.js";
import { parse } from "./engine/frame.js";
import { describe, OidcError, worded } from "./error.js";
import { SIGNATURES, VERDICTS } from "./generated/calls.js";
import type { Check, Claims, TokenReport } from "./types.js";

/** A report, and the error of the first broken rule. */
export interface Reported {
  report: TokenReport;
  refusal: OidcError | undefined;
}

type Row = Pick<Check, "rule" | "spec" | "message">;

/** The rules by number, as checks name them. Every report has the same. */
const rows: Row[] = [];

function rowOf(number: number): Row {
  const [rule = "", spec = "", message = ""] = describe(number);
  return { rule, spec, message };
}

/** The last header, and its JSON. Tokens of one provider usually have the same, and a copy takes less time. */
let json = "";
let last: Claims = {};

/** A header as an object of its own. A copy would share nested values. */
function headerOf(text: string): Claims {
  if (text !== json) {
    last = parse(text);
    json = text;
  }
  return /.[[{]/s.test(text) ? parse(text) : { ...last };
}

/** Reads a report. A check is a rule, its result in the second byte, and then the two values of a failure, if the third byte is set. */
export function reported(): Reported {
  const valid = nextFlag();
  const signature = SIGNATURES[nextNumber()] ?? "unchecked";
  const header = headerOf(nextString());
  const claims = parse<Claims>(nextString());
  const checks: Check[] = [];
  let refusal: OidcError | undefined;
  for (let count = nextNumber(); count > 0; count--) {
    const told = nextNumber();
    const number = told & 0xff;
    rows[number] ??= rowOf(number);
    const { rule, spec, message } = rows[number];
    const verdict = VERDICTS[(told >> 8) & 0xff] ?? "fail";
    const check: Check = { rule, verdict: verdict === "warn" ? "skip" : verdict, spec, message };
    if (verdict === "warn") check.warning = true;
    const detail = told >> 16 ? { expected: nextText(), found: nextText() } : undefined;
    if (detail) check.message = worded(message, detail);
    if (verdict === "fail") refusal ??= new OidcError(number, detail);
    checks.push(check);
  }
  return { report: { valid, signature, header, claims, checks }, refusal };
}
