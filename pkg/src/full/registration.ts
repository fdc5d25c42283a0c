import { call, NOBODY, nextNumber, nextText, start } from "../engine/engine.js";
import { ABSENT, Frame, parse } from "../engine/frame.js";
import * as Engine from "../generated/calls.js";
import { answered, network, send } from "../host/http.js";
import { request } from "../machine.js";
import type { CallOptions, ClientInformation, ProviderMetadata, RegistrationOptions } from "../types.js";

/** A new registration (RFC 7591). */
export async function registerClient(provider: ProviderMetadata, metadata: object, options?: RegistrationOptions) {
  const { initialAccessToken, ...others } = options ?? {};
  const { issuer, registration_endpoint: address } = Object(provider) as Partial<ProviderMetadata>;
  const frame = new Frame().number(ABSENT).string("issuer", issuer);
  frame.optionalString("registration_endpoint", address).optionalString("initialAccessToken", initialAccessToken);
  frame.number(ABSENT).number(ABSENT);
  return registered(frame, metadata, others) as Promise<ClientInformation>;
}

/** Reads, updates or removes a registration (RFC 7592). */
export async function manageClient(
  client: ClientInformation,
  action: string,
  metadata?: object,
  options?: CallOptions,
) {
  const { client_id, client_secret, registration_client_uri: address, registration_access_token } = Object(client);
  const frame = new Frame().string("action", action).string("registration_client_uri", address);
  frame.string("registration_client_uri", address).string("registration_access_token", registration_access_token);
  frame.string("client_id", client_id).optionalString("client_secret", client_secret);
  return registered(frame, metadata, options);
}

async function registered(frame: Frame, metadata: object | undefined, options: CallOptions | undefined) {
  const net = network(options);
  if (metadata === undefined) frame.number(ABSENT);
  else frame.json("metadata", metadata);
  await start();
  const made = call(Engine.REGISTRATION_REQUEST, NOBODY, new Frame(frame), () => {
    const method = nextText() as "GET";
    return { ...request(), method };
  });
  const { onMessage } = net;
  // A JSON body has secrets that are not form parameters.
  if (onMessage) net.onMessage = (message) => onMessage({ ...message, ...("body" in message && { body: "…" }) });
  const reply = await send(made, net);
  const isGone = call(Engine.REGISTRATION_RESPONSE, NOBODY, answered(frame, reply), nextNumber, reply);
  return isGone ? undefined : parse<ClientInformation>(reply.body);
}
