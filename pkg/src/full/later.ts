// What loads when it is first needed, with the sentences of its rules.
export { laterRules } from "../generated/later_rules.js";
export { backchannelAuthentication, backchannelLogin } from "./backchannel_authentication.js";
export { deviceAuthorization, deviceLogin } from "./device.js";
export { discoverResource } from "./protected_resource.js";
export { manageClient, registerClient } from "./registration.js";
