import { call, NOBODY, nextString } from "../engine/engine.js";
import { Frame, kindOf } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";

/** The thumbprint of a certificate (RFC 8705 §3.1). */
export function thumbprintOf(certificate: unknown): string {
  const frame = new Frame();
  if (kindOf(certificate) === "Uint8Array") frame.body = (certificate as Uint8Array).slice();
  return call(Engine.CERTIFICATE_THUMBPRINT, NOBODY, frame, nextString);
}
