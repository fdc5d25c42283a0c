import { decode, textOf } from "../engine/frame.js";
import type { CallOptions, HttpRequest, Message } from "../types.js";
import type { Reply } from "./http.js";

type Listener = Pick<CallOptions, "onMessage">;

const HIDDEN = "…";

/** Public parameters of a request's form. All others are hidden. */
const SHOWN =
  /^(grant_type|client_id|redirect_uri|scope|resource|audience|token_type_hint|client_assertion_type|(subject|actor|requested)_token_type)$/;

/** Calls the listener. Its exceptions are ignored. */
export function tell({ onMessage }: Listener, message: Message): void {
  try {
    onMessage?.(message);
  } catch {}
}

export function tellRequest(listener: Listener, { method, headers, body }: HttpRequest, url: string): void {
  const own = { ...headers };
  for (const name of ["Authorization", "DPoP"]) if (name in own) own[name] = HIDDEN;
  const form = body?.replace(/([^&=]+)=([^&]*)/g, (pair, name) => (SHOWN.test(name) ? pair : `${name}=${HIDDEN}`));
  tell(listener, { type: "request", url, method, headers: own, ...(form !== undefined && { body: form }) });
}

export function tellReply(listener: Listener, request: HttpRequest, reply: Reply): void {
  const { status, endpoint: url = "" } = reply;
  const contentType = /^[a-z]+\/[a-z.+-]+/.exec(reply.contentType ?? "")?.[0];
  const isPublic = request.body === undefined && !("Authorization" in request.headers);
  const text = textOf(reply.body);
  const body = isPublic ? text : withoutTexts(text, request);
  tell(listener, { type: "reply", url, status, contentType, body });
}

/** The structure of a JSON document: names, numbers and booleans, unless they repeat a secret. */
function withoutTexts(text: string, { headers, body }: HttpRequest): string {
  try {
    const shape = JSON.stringify(JSON.parse(text, (_, value) => (typeof value === "string" ? HIDDEN : value)));
    const pairs = [...`${body}`.matchAll(/([^&=]+)=([^&]*)/g)].filter(([, name = ""]) => !SHOWN.test(name));
    const sent = [...pairs.map(([, , value = ""]) => value), passwordOf(headers)].flatMap(readings);
    sent.push(...Object.values(headers).flatMap((value) => value.split(" ").slice(1)));
    const isShown = (secret: string) => secret.length > 3 && shape.includes(JSON.stringify(secret).slice(1, -1));
    return sent.some(isShown) ? HIDDEN : shape;
  } catch {
    return HIDDEN;
  }
}

/** The password of Basic, form-encoded (RFC 6749 §2.3.1). Empty without one. */
function passwordOf({ Authorization = "" }: HttpRequest["headers"]): string {
  const basic = /^Basic (.+)/.exec(Authorization)?.[1] ?? "";
  return decode(Uint8Array.from(atob(basic), (byte) => byte.charCodeAt(0))).replace(/^[^:]*:/, "");
}

/** A form-encoded secret in both encodings of a space, and plain: a reply may repeat each. */
const readings = (secret: string): string[] => [
  secret,
  secret.replaceAll("%20", "+"),
  ...new URLSearchParams(`secret=${secret}`).values(),
];
