// What loads at its first use, with the sentences of its rules.
export { laterRules } from "../generated/later_rules.js";
export { backchannelAuthentication, backchannelLogin } from "./backchannel_authentication.js";
export { deviceAuthorization, deviceLogin } from "./device.js";
export { discoverResource } from "./protected_resource.js";
export { proven } from "./proven.js";
export { manageClient, registerClient } from "./registration.js";
