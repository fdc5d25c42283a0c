import { parse } from "./argument.js";
import { describe, worded } from "./error.js";
import type { TokenReport } from "./types.js";

const SIGNATURE = ["unchecked", "valid", "invalid"] as const;
const VERDICT = ["pass", "fail", "skip", "skip"] as const;
const WARNING = 3;

/** A report as the engine hands it over: numbers for names, text for what it has read. */
export type Report = [valid: boolean, signature: number, header: string, claims: string, checks: Check[]];
type Check = [rule: number, verdict: number, expected?: string, found?: string];

/** The engine's numbers in words. */
export function report([valid, signature, header, claims, checks]: Report): TokenReport {
  return {
    valid,
    signature: SIGNATURE[signature] ?? "unchecked",
    header: parse(header),
    claims: parse(claims),
    checks: checks.map(([rule, verdict, expected, found]) => {
      const [code = "", spec = "", sentence = ""] = describe(rule);
      return {
        rule: code,
        verdict: VERDICT[verdict] ?? "fail",
        spec,
        message: worded(sentence, {
          ...(expected !== undefined && { expected }),
          ...(found !== undefined && { found }),
        }),
        ...(verdict === WARNING && { warning: true }),
      };
    }),
  };
}
