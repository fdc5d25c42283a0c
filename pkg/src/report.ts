import type { Answer } from "./engine/engine.js";
import { parse } from "./engine/frame.js";
import { describe, OidcError, worded } from "./error.js";
import { SIGNATURES, VERDICTS } from "./generated/calls.js";
import type { Check, Claims, TokenReport } from "./types.js";

/** A rule, its result in the second byte, and the two values of a failure. */
type Said = [check: number, expected: string | undefined, found: string | undefined];

/** A report, and the error of the first broken rule. */
export interface Reported {
  report: TokenReport;
  refusal: OidcError | undefined;
}

/** Reads a report. Its header and sentences are made at first use. */
export function reported(answer: Answer): Reported {
  const valid = answer.number() === 1;
  const signature = SIGNATURES[answer.number()] ?? "unchecked";
  const header = answer.string();
  const claims = answer.string();
  const said: Said[] = [];
  for (let count = answer.number(); count > 0; count--) said.push([answer.number(), answer.text(), answer.text()]);
  let checks: Check[] | undefined;
  let read: Claims | undefined;
  const report: TokenReport = {
    valid,
    signature,
    get header() {
      read ??= parse<Claims>(header);
      return read;
    },
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

/** The descriptions of rules, shared by all reports. */
const rows: (readonly string[])[] = [];

function worded_([check, expected, found]: Said): Check {
  const number = check & 0xff;
  rows[number] ??= describe(number);
  const [rule = "", spec = "", sentence = ""] = rows[number];
  const verdict = VERDICTS[check >> 8] ?? "fail";
  const message = found === undefined ? sentence : worded(sentence, { expected, found });
  return verdict === "warn"
    ? { rule, verdict: "skip", spec, message, warning: true }
    : { rule, verdict, spec, message };
}
