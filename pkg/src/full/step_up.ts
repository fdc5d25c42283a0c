import { call, hasMore, NOBODY, told } from "../engine/engine.js";
import { Frame } from "../engine/frame.js";
import { STEP_UP } from "../generated/calls.js";
import type { StepUp } from "../types.js";

/** The requirements of a challenge for the next authorization request (RFC 9470, RFC 6750 §3). */
export function stepUp(challenged: string | Response): StepUp | undefined {
  const frame = new Frame().string("challenged", challengesOf(challenged) ?? challenged);
  return call(STEP_UP, NOBODY, frame, () => {
    if (!hasMore()) return undefined;
    const { maxAge, ...demanded } = told(["scope", "acrValues", "maxAge"]);
    return { ...demanded, ...(maxAge !== undefined && { maxAge: Number(maxAge) }) };
  });
}

/** The challenges of a response; `undefined` for any other value. */
export function challengesOf(given: unknown): string | undefined {
  const headers = (given as Response | undefined)?.headers;
  return typeof headers?.get === "function" ? (headers.get("www-authenticate") ?? "").slice(0, 16384) : undefined;
}
