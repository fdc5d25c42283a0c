import { nothing } from "../engine/engine.js";
import { Frame, plain, textOf } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import type { Network } from "../host/http.js";
import { type Exchanged, Machine } from "../machine.js";
import type { Claims, Login, TokenSet } from "../types.js";
import { decrypted, type Plan, planned } from "./decryption.js";

/** A relying party with options of oidc-wasm/full. It decrypts tokens before it verifies the signed ones in them. */
export class FullMachine extends Machine {
  /** Replaces an encrypted ID token by the signed one in it. */
  override async login(
    tokens: Pick<Partial<TokenSet>, "id_token">,
    expected: object,
    net: Network,
    from?: Pick<Exchanged, "cache" | "choice">,
  ): Promise<Omit<Login, "tokens">> {
    const found = this.#plan(Engine.ID_TOKEN_KIND, "id_token", tokens.id_token);
    if (found) tokens.id_token = await this.#decrypted(found);
    return super.login(tokens, expected, net, from);
  }

  override async verified<T = Claims>(
    kind: number,
    name: string,
    token: string,
    expected: object,
    net: Network,
    key?: string,
  ): Promise<T> {
    const found = this.#plan(kind, name, token);
    if (!found) return super.verified(kind, name, token, expected, net, key);
    // The caller may change the values during the decryption.
    const own = { ...plain("expected", expected) };
    return super.verified(kind, name, await this.#decrypted(found), own, net, key);
  }

  get #keys() {
    return this.full?.decryption ?? [];
  }

  /** What decrypts the token. Undefined for a signed one. */
  #plan(kind: number, name: string, token: unknown): Plan | undefined {
    if (!this.#keys.length) return undefined;
    const frame = new Frame().number(kind).string(name, token);
    return this.ask(Engine.DECRYPTION, frame, () => planned(token as string));
  }

  /** The signed token in an encrypted one (RFC 7519 §7.2). */
  async #decrypted(found: Plan): Promise<string> {
    const content = await decrypted(found, this.#keys);
    if (!content) this.ask(Engine.DECRYPTION_REFUSED, new Frame(), nothing);
    return textOf(content as Uint8Array);
  }
}
