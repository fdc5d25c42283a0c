import type { Made } from "../capabilities.js";
import type { Configuration } from "../configuration.js";
import { nextString, nextText } from "../engine/engine.js";
import { Frame, parse, plain, textOf } from "../engine/frame.js";
import { withTokens } from "../error.js";
import * as Engine from "../generated/calls.js";
import { type Network, type Reply, send } from "../host/http.js";
import { type Exchanged, Machine } from "../machine.js";
import type { Claims, Login, RenewedTokens, TokenSet } from "../types.js";
import { type Bytes, decrypted, decryption, type Plan, planned } from "./decryption.js";

/** A relying party with options of oidc-wasm/full. It decrypts tokens before it verifies the signed ones in them. */
export class FullMachine extends Machine {
  constructor(client: Configuration, metadata: string, party?: number) {
    super(client, metadata, party);
    this.full = client.full;
  }

  /** Sends a request, with a proof of possession if this relying party has a key. */
  override async send(make: () => Made, net: Network, accessToken?: string): Promise<Reply> {
    const first = await make();
    const possession = this.full?.possession;
    // A bearer token has no key to prove.
    if (!possession || first.headers.Authorization?.startsWith("Bearer ")) return send(first, net);
    return possession.send(this, first, accessToken, async (proof, isAgain) => {
      const made = isAgain ? await make() : first;
      return send({ ...made, headers: { ...made.headers, DPoP: proof } }, net);
    });
  }

  /** Loads what decrypts before the code is sent too. */
  override async ready(needs: number, net: Network): Promise<void> {
    if (needs > 0 && this.#keys.length) await decryption();
    await super.ready(needs, net);
  }

  /** Replaces an encrypted ID token by the signed one in it. */
  override async login(
    tokens: Pick<Partial<TokenSet>, "id_token">,
    expected: object,
    net: Network,
    from?: Pick<Exchanged, "cache" | "choice">,
  ): Promise<Omit<Login, "tokens">> {
    const found = this.#plan(Engine.ID_TOKEN_KIND, "id_token", tokens.id_token);
    if (found) tokens.id_token = (await this.#decrypted(found, Engine.ID_TOKEN_KIND, {})).content;
    return super.login(tokens, expected, net, from);
  }

  /** Without the ID token, which no key opens, a provider may refresh too (OpenID Connect Core 1.0 §12.2). */
  override renewed(...given: Parameters<Machine["renewed"]>) {
    return super.renewed(...given).catch((error) => {
      const [{ id_token, ...rest }] = given;
      throw error.code === "jwe.key" ? withTokens(error, rest as RenewedTokens) : error;
    });
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
    const { content, claims } = await this.#decrypted(found, kind, own);
    return claims === undefined ? super.verified(kind, name, content, own, net, key) : parse(claims);
  }

  /** Verifies a signed introspection answer (RFC 9701 §5): the reply itself says nothing then. */
  override async inspect(asked: number, judged: number, frame: Frame, net: Network): Promise<string> {
    const reply = await this.inquire(asked, frame, net);
    const said = this.judge(judged, reply, frame, nextString);
    if (said || judged !== Engine.INTROSPECTION_RESPONSE) return said;
    return JSON.stringify(await this.verified(Engine.INTROSPECTION_KIND, "body", textOf(reply.body), {}, net));
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

  /** The signed token in an encrypted one (RFC 7519 §7.2), or its claims if they are not signed. */
  async #decrypted(found: Plan, kind: number, expected: { expectedSubject?: string }) {
    const bytes = await decrypted(found, this.#keys);
    const frame = new Frame()
      .number(kind)
      .number(bytes ? 1 : 0)
      .optionalString("expectedSubject", expected.expectedSubject);
    if (bytes) frame.body = bytes;
    const claims = this.ask(Engine.DECRYPTED, frame, nextText);
    return { content: textOf(bytes as Bytes), claims };
  }
}
