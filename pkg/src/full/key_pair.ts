import type { Asked, Made, Possession, Proof } from "../capabilities.js";
import { nextFlag, nextString } from "../engine/engine.js";
import { Frame } from "../engine/frame.js";
import { wrongArgument } from "../error.js";
import * as Engine from "../generated/calls.js";
import { type Network, type Reply, send } from "../host/http.js";
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

  async proof(machine: Machine, method: string, url: string, accessToken?: string): Promise<Proof> {
    const frame = (await this.#named()).string("method", method).string("url", url);
    const nonce = this.#nonces.get(originOf(url));
    frame.optional("accessToken", accessToken).optional("nonce", nonce);
    const input = machine.ask(Engine.DPOP_PROOF, frame.timed(), nextString);
    return { jwt: await signedToken(this.alg, this.#private, input), nonce };
  }

  takes(machine: Machine, url: string, nonce: string | null | undefined, proof: Proof, asked: Asked): boolean {
    if (!nonce) return false;
    const origin = originOf(url);
    // The newest server comes last.
    this.#nonces.delete(origin);
    this.#nonces.set(origin, nonce);
    for (const oldest of this.#nonces.keys()) if (this.#nonces.size > ORIGINS) this.#nonces.delete(oldest);
    // Compares with the proof's nonce, because another concurrent request may have stored the nonce.
    if (proof.nonce === nonce) return false;
    const frame = new Frame().number(asked.status).optional("challenges", asked.challenges);
    frame.body = asked.body;
    return machine.ask(Engine.DPOP_NONCE, frame, nextFlag);
  }

  async send(machine: Machine, make: () => Made, net: Network, accessToken?: string): Promise<Reply> {
    for (let isAgain = false; ; isAgain = true) {
      const made = await make();
      // A bearer token has no key to prove.
      if (made.headers.Authorization?.startsWith("Bearer ")) return send(made, net);
      const proof = await this.proof(machine, made.method, made.url, accessToken);
      const reply = await send({ ...made, headers: { ...made.headers, DPoP: proof.jwt } }, net);
      if (!this.takes(machine, made.url, reply.headers?.get("dpop-nonce"), proof, reply) || isAgain) return reply;
    }
  }
}

const originOf = (url: string) => new URL(url).origin;
