import { nextString, nothing } from "../engine/engine.js";
import { Frame } from "../engine/frame.js";
import { OidcError, wrongArgument } from "../error.js";
import * as Engine from "../generated/calls.js";
import { network, until } from "../host/http.js";
import type { Machine } from "../machine.js";
import type { CallOptions, TokenSet } from "../types.js";

/** A request to a protected resource, with the access token (RFC 6750 §2.1, RFC 9449 §7.1). */
export async function fetchResource(
  machine: Machine,
  input: string | URL | Request,
  init: RequestInit | undefined,
  tokens: TokenSet,
  options: CallOptions | undefined,
): Promise<Response> {
  const { fetch, signal: given } = network(options);
  const asked = requested(input, init);
  // Each of two signals ends the call, and a request takes one.
  const own = init?.signal ?? (Object(input) as Request).signal;
  const signal = own && given ? either(own, given) : (given ?? own);
  const { access_token: token, token_type: type } = tokens ?? {};
  const frame = new Frame().string("input", asked.url).string("token_type", type).string("access_token", token);
  const authorization = machine.ask(Engine.RESOURCE_AUTHORIZATION, frame, nextString);
  const possession = authorization.startsWith("DPoP ") ? machine.full?.possession : undefined;
  let response: Response | undefined;
  const attempt = async (proof?: string, isAgain?: boolean) => {
    // Nobody reads the first answer. Its body may have failed, or may end with the signal.
    response?.body?.cancel().catch(nothing);
    const headers = new Headers(asked.headers);
    headers.set("authorization", authorization);
    headers.delete("dpop");
    if (proof) headers.set("dpop", proof);
    // Any option resets the referrer and its policy (Fetch §5.4), also one beside the request.
    const { referrer, referrerPolicy } = asked;
    const options = { headers, redirect: redirects(asked), referrer, referrerPolicy, ...(signal && { signal }) };
    // A body can be sent once, so the first attempt sends a copy.
    const request = new Request(proof && !isAgain ? asked.clone() : asked, options);
    try {
      response = await until(Promise.resolve(fetch(request)), signal);
      const { status, headers } = response;
      return { status, challenges: headers.get("www-authenticate")?.slice(0, 16384), body: "", headers };
    } catch (cause) {
      const [endpoint = ""] = asked.url.split(/[?#]/);
      if (signal?.aborted) throw new OidcError("http.aborted", { endpoint }, { cause: signal.reason });
      throw new OidcError("http.failed", { endpoint }, { cause });
    }
  };
  await (possession ? possession.send(machine, asked, token, attempt) : attempt());
  return response as unknown as Response;
}

/** Ends with the first of both. Browsers before 2024 have no `AbortSignal.any`. */
function either(one: AbortSignal, other: AbortSignal): AbortSignal {
  const both = [one, other];
  if (AbortSignal.any) return AbortSignal.any(both);
  const controller = new AbortController();
  for (const signal of both) {
    const abort = () => controller.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  }
  return controller.signal;
}

function requested(input: string | URL | Request, init: RequestInit | undefined): Request {
  try {
    return new Request(input, init);
  } catch (cause) {
    throw wrongArgument("input", "what fetch() takes", cause);
  }
}

/** Redirects are not followed, because the token is only for the requested URL. */
const redirects = ({ redirect }: Request): RequestRedirect => (redirect === "error" ? redirect : "manual");
