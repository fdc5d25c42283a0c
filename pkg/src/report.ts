import { nextFlag, nextNumber, nextString, nextText } from "./engine/engine.js";
import { parse } from "./engine/frame.js";
import { describe, OidcError, worded } from "./error.js";
import { SIGNATURES, VERDICTS } from "./generated/calls.js";
import type { Check, TokenReport } from "./types.js";

/** A report, and the error of the first broken rule. */
export interface Reported {
  report: TokenReport;
  refusal: OidcError | undefined;
}

/** The rules by number, as checks name them. Every report has the same. */
const rows: (readonly string[])[] = [];

/** Reads a report. A check is a rule, its result in the second byte, and then the two values of a failure, if the third byte is set. */
export function reported(): Reported {
  const valid = nextFlag();
  const signature = SIGNATURES[nextNumber()] ?? "unchecked";
  const [header, claims] = [nextString(), nextString()];
  const checks: Check[] = [];
  let refusal: OidcError | undefined;
  for (let count = nextNumber(); count > 0; count--) {
    const told = nextNumber();
    const number = told & 0xff;
    rows[number] ??= describe(number);
    const row = rows[number];
    const [rule, spec] = [row[0] ?? "", row[1] ?? ""];
    let message = row[2] ?? "";
    const verdict = VERDICTS[(told >> 8) & 0xff] ?? "fail";
    const detail = told >> 16 ? { expected: nextText(), found: nextText() } : undefined;
    if (detail) message = worded(message, detail);
    if (verdict === "fail") refusal ??= new OidcError(number, detail);
    checks.push(
      verdict === "warn" ? { rule, verdict: "skip", spec, message, warning: true } : { rule, verdict, spec, message },
    );
  }
  return { report: { valid, signature, header: parse(header), claims: parse(claims), checks }, refusal };
}
