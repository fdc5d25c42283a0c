import type { Asked, Possession } from "../capabilities.js";
import { nextFlag, nextString } from "../engine/engine.js";
import { Frame } from "../engine/frame.js";
import { wrongArgument } from "../error.js";
import * as Engine from "../generated/calls.js";
import { signingAlgorithm, webCrypto } from "../host/webcrypto.js";
import type { Machine } from "../machine.js";
import type { DpopKey } from "../types.js";
import { signedToken } from "./signed_token.js";

/** The most servers whose nonces are stored. An older server requests its nonce again. */
const ORIGINS = 100;

export async function createDpopKey(): Promise<DpopKey> {
  return webCrypto().generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
}

/** The key pair of a relying party, and the servers' newest nonces. */
export class KeyPair implements Possession {
  readonly #private: CryptoKey;
  readonly #public: CryptoKey;
  /** The algorithm of its proofs. */
  readonly alg: string;
  /** The public key, as a JWK. */
  #jwk: string | undefined;
  /** The newest nonce of each server, by its origin (RFC 9449 §8.2). */
  readonly #nonces = new Map<string, string>();

  constructor(pair: DpopKey) {
    try {
      const { privateKey, publicKey } = pair as CryptoKeyPair;
      this.alg = signingAlgorithm(privateKey);
      if (publicKey.type !== "public" || !publicKey.extractable) throw publicKey;
      this.#private = privateKey;
      this.#public = publicKey;
    } catch {
      throw wrongArgument("dpop", "a key pair such as createDpopKey() makes");
    }
  }

  async #named(): Promise<Frame> {
    this.#jwk ??= JSON.stringify(await webCrypto().exportKey("jwk", this.#public));
    return new Frame().string("dpop", this.alg).string("dpop", this.#jwk);
  }

  async thumbprint(machine: Machine): Promise<string> {
    return machine.ask(Engine.DPOP_THUMBPRINT, await this.#named(), nextString);
  }

  async send<R extends Asked>(
    machine: Machine,
    { method, url }: { method: string; url: string },
    accessToken: string | undefined,
    attempt: (proof: string, isAgain: boolean) => Promise<R>,
  ): Promise<R> {
    const { origin } = new URL(url);
    for (let isAgain = false; ; isAgain = true) {
      const nonce = this.#nonces.get(origin);
      const frame = (await this.#named()).string("method", method).string("url", url);
      frame.optionalString("accessToken", accessToken).optionalString("nonce", nonce);
      const input = machine.ask(Engine.DPOP_PROOF, frame.timed(), nextString);
      const reply = await attempt(await signedToken(this.alg, this.#private, input), isAgain);
      const newest = reply.headers?.get("dpop-nonce");
      if (!newest) return reply;
      // The newest server comes last.
      this.#nonces.delete(origin);
      this.#nonces.set(origin, newest);
      for (const oldest of this.#nonces.keys()) if (this.#nonces.size > ORIGINS) this.#nonces.delete(oldest);
      // Compares with the proof's nonce, because another concurrent request may have stored the nonce.
      if (isAgain || nonce === newest) return reply;
      const asked = new Frame().number(reply.status).optionalString("challenges", reply.challenges);
      asked.body = reply.body;
      if (!machine.ask(Engine.DPOP_NONCE, asked, nextFlag)) return reply;
    }
  }
}
