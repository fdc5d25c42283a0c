import { call, hasMore, NOBODY, nextNumber, nextString, nextText, nextView, start } from "../engine/engine.js";
import { ABSENT, encode, Frame, parse, plain } from "../engine/frame.js";
import { OidcError, wrongArgument } from "../error.js";
import { ALGORITHMS, BACKCHANNEL_MEMBERS, GRANT_MEMBERS, PROOF_MEMBERS } from "../generated/calls.js";
import { answered, network, send, until } from "../host/http.js";
import { sign, unsupported, verify } from "../host/webcrypto.js";
import { request } from "../machine.js";
import { finished } from "../relying_party.js";
import { base64url } from "./base64url.js";
import { challengesOf } from "./step_up.js";

/** What the part that loads later needs. It is an argument, because a bundler would put shared imports into more files. */
export const tools = {
  ABSENT,
  ALGORITHMS,
  answered,
  BACKCHANNEL_MEMBERS,
  base64url,
  call,
  challengesOf,
  encode,
  finished,
  Frame,
  GRANT_MEMBERS,
  hasMore,
  network,
  NOBODY,
  nextNumber,
  nextString,
  nextText,
  nextView,
  OidcError,
  parse,
  plain,
  PROOF_MEMBERS,
  request,
  send,
  sign,
  start,
  unsupported,
  until,
  verify,
  wrongArgument,
};
export type Tools = typeof tools;
