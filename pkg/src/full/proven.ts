import type { Judge } from "../capabilities.js";
import { hasMore, nextNumber, nextString, nextText, nextView, nothing } from "../engine/engine.js";
import { Frame } from "../engine/frame.js";
import { again, wrongArgument } from "../error.js";
import * as Engine from "../generated/calls.js";
import { unsupported, verify } from "../host/webcrypto.js";
import type { Machine } from "../machine.js";
import type { AccessTokenExpected, Claims, ProvenRequest } from "../types.js";
import { thumbprintOf } from "./certificate.js";

/** Checks the request's proof: a certificate (RFC 8705 §3), or the possession of a key. Then it checks the token. */
export async function proven<E extends AccessTokenExpected | undefined>(
  machine: Machine,
  token: string,
  { certificate, ...given }: AccessTokenExpected,
  judge: Judge<E>,
): Promise<Claims> {
  const expected = given as E & AccessTokenExpected;
  if (certificate === undefined) return possessed(machine, token, expected, judge);
  const thumbprint = thumbprintOf(certificate);
  const both: Judge<E> = (expected, key) => judge(expected, `${key ?? ""} ${thumbprint}`);
  return given.request === undefined ? both(expected) : possessed(machine, token, expected, both);
}

/** Verifies the proof of possession beside an access token (RFC 9449 §4.3): its signature and its request. */
async function possessed<E extends AccessTokenExpected | undefined>(
  machine: Machine,
  token: string,
  given: AccessTokenExpected,
  judge: Judge<E>,
): Promise<Claims> {
  const { request, nonce, replay, ...others } = given;
  const expected = others as E & AccessTokenExpected;
  if (replay !== undefined && typeof replay !== "function") throw wrongArgument("replay", "a function");
  // A store without a nonce must not accept every proof.
  if (`${nonce}` === "") throw wrongArgument("nonce", "a nonce");
  const { method, url, authorization, proof } = read(request);
  const asked = new Frame().optionalString("authorization", authorization).optionalString("proof", proof);
  const isGood = machine.ask(Engine.PROOF_VERIFICATION, asked, () => {
    if (!hasMore()) return undefined;
    const alg = Engine.ALGORITHMS[nextNumber()] ?? "";
    nextNumber();
    const material = nextString();
    return verify({ alg, material }, nextView(), nextView()).catch((cause) => {
      // RFC 9449 §4.3: the sender has chosen a key that this runtime cannot use.
      throw again(unsupported(alg, cause), { status: 401, error: "invalid_dpop_proof" });
    });
  });
  if (!isGood || proof === undefined) return judge(expected);
  isGood.catch(nothing);
  const members = { method, url, accessToken: token, nonce, now: expected.now };
  const judged = new Frame().string("proof", proof).object(Engine.PROOF_MEMBERS, "request", members).timed();
  const { jti, key, exp } = machine.ask(Engine.PROOF_CLAIMS, judged, () => ({
    jti: nextString(),
    key: nextString(),
    exp: Number(nextText()),
  }));
  if ((await isGood) !== true)
    machine.ask(Engine.SIGNATURE_REFUSED, new Frame().number(Engine.DPOP_PROOF_KIND), nothing);
  const claims = await judge(expected, key);
  const isKnown = replay !== undefined && (await replay(jti, exp));
  // A hook without a result, or with a store's own, would accept every replay.
  if (typeof isKnown !== "boolean") throw wrongArgument("replay", "a function that returns a boolean");
  if (isKnown) machine.ask(Engine.PROOF_REPLAYED, new Frame(), nothing);
  return claims;
}

function read(request: ProvenRequest | undefined) {
  const headers = request?.headers;
  if (typeof request?.method !== "string" || typeof request.url !== "string" || typeof headers?.get !== "function")
    throw wrongArgument("request", "a Request");
  const header = (name: string) => headers.get(name) ?? undefined;
  return { method: request.method, url: request.url, authorization: header("authorization"), proof: header("dpop") };
}
