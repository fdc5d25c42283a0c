// Features of oidc-wasm/full only, with the sentences of its rules. Importing registers them.
import { provide } from "../capabilities.js";
import { addRules } from "../error.js";
import { ALGORITHMS } from "../generated/calls.js";
import { fullRules } from "../generated/full_rules.js";
import { RelyingParty } from "../relying_party.js";
import { authorize } from "./authorize.js";
import { backchannelAuthentication, backchannelLogin } from "./backchannel_authentication.js";
import { clientMetadataDocument } from "./client_metadata.js";
import { configured } from "./configured.js";
import { deviceAuthorization, deviceLogin } from "./device.js";
import { createDpopKey } from "./key_pair.js";
import { discoverResource } from "./protected_resource.js";
import { proven } from "./proven.js";
import { manageClient, registerClient } from "./registration.js";
import { fetchResource } from "./resource.js";
import { signedResponse } from "./signed_response.js";
import { stepUp } from "./step_up.js";

addRules(fullRules);
provide({
  createDpopKey,
  configured,
  authorize,
  signedResponse,
  fetch: fetchResource,
  proven,
  clientMetadataDocument,
  stepUp,
  deviceAuthorization,
  deviceLogin,
  backchannelAuthentication,
  backchannelLogin,
  registerClient,
  manageClient,
  discoverResource,
});
// RFC 9449 §4.2: asymmetric ones.
Object.assign(RelyingParty, { dpopAlgorithms: ALGORITHMS.filter((name) => !name.startsWith("HS")) });
