// Features of oidc-wasm/full only, with the sentences of its rules. Importing registers them.
import { provide } from "../capabilities.js";
import { ALGORITHMS } from "../generated/calls.js";
import { fullRules } from "../generated/full_rules.js";
import { rules } from "../generated/rules.js";
import { RelyingParty } from "../relying_party.js";
import { authorize } from "./authorize.js";
import { clientMetadataDocument } from "./client_metadata.js";
import { configured } from "./configured.js";
import { createDpopKey } from "./key_pair.js";
import { part } from "./part.js";
import { fetchResource } from "./resource.js";
import { signedResponse } from "./signed_response.js";
import { stepUp } from "./step_up.js";
import { tools } from "./tools.js";

const known = rules.push(...fullRules);

type Later = Omit<typeof import("./first_use.js"), "laterRules">;

/** A function that loads when it is first needed, with the others of its part. */
const later =
  <Name extends keyof Later>(name: Name) =>
  async (...given: never[]): Promise<never> => {
    const { laterRules, ...functions } = await part(import("./first_use.js"));
    if (rules.length === known) rules.push(...laterRules);
    return (functions[name] as (...given: unknown[]) => Promise<never>)(tools, ...given);
  };

provide({
  createDpopKey,
  configured,
  authorize,
  signedResponse,
  fetch: fetchResource,
  // The caller may change the values while it loads.
  proven: (machine, token, expected, judge) =>
    later("proven")(...([machine, token, { ...expected }, judge] as never[])),
  clientMetadataDocument,
  stepUp,
  deviceAuthorization: later("deviceAuthorization"),
  deviceLogin: later("deviceLogin"),
  backchannelAuthentication: later("backchannelAuthentication"),
  backchannelLogin: later("backchannelLogin"),
  registerClient: later("registerClient"),
  manageClient: later("manageClient"),
  discoverResource: later("discoverResource"),
});
// RFC 9449 §4.2: asymmetric ones.
Object.assign(RelyingParty, { dpopAlgorithms: ALGORITHMS.filter((name) => !name.startsWith("HS")) });
