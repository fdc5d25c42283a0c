import { type Answer, asText, isYes } from "../engine/engine.js";
import { Frame } from "../engine/frame.js";
import { wrongArgument } from "../error.js";
import * as Engine from "../generated/calls.js";
import { network } from "../host/http.js";
import { authorizationRequest, type Machine, request } from "../machine.js";
import type { AuthorizationRequest, AuthorizeParams, CallOptions, HttpRequest } from "../types.js";

/** An authorization request. It names the key of the code (RFC 9449 §10), and is pushed if required (RFC 9126). */
export async function authorize(
  machine: Machine,
  params: AuthorizeParams,
  options: CallOptions | undefined,
): Promise<AuthorizationRequest> {
  const net = network(options);
  const { possession } = machine;
  if (typeof params !== "object" || !params) throw wrongArgument("params", "an object");
  const { dpopJkt = true, authorizationDetails, ...others } = params;
  if (typeof dpopJkt !== "boolean") throw wrongArgument("dpopJkt", "a boolean");
  const frame = new Frame().object(Engine.AUTHORIZATION_MEMBERS, "params", others);
  const isPushed = machine.ask(Engine.PUSHES, new Frame(), isYes);
  frame.optional("dpopJkt", dpopJkt ? await possession?.thumbprint(machine) : undefined);
  // The engine reads it as a member of an object, and sends it without the object.
  const details = new Frame().json("authorizationDetails", { authorizationDetails }).text;
  frame.optional("authorizationDetails", details.slice(24, -1) || undefined);
  if (!isPushed) return machine.ask(Engine.AUTHORIZATION_REQUEST, frame, authorizationRequest);

  let pushed: Pushed | undefined;
  const make = async () => {
    pushed = await machine.proven(Engine.PUSHED_REQUEST, new Frame(frame), read);
    return pushed.made;
  };
  const reply = await machine.send(make, net);
  const url = machine.judge(Engine.PUSHED_RESPONSE, reply, new Frame(), asText);
  const { state = "", transaction = "" } = pushed ?? {};
  return { url, state, transaction };
}

interface Pushed {
  made: HttpRequest;
  state: string;
  transaction: string;
}

const read = (answer: Answer): Pushed => ({
  made: request(answer),
  state: answer.string(),
  transaction: answer.string(),
});
