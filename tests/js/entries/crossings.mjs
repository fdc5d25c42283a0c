// Counts how often each step of a login calls the engine, with a real provider's messages. Prints JSON.
import { createTestProvider } from "../../support/provider/index.js";

let made = 0;
const counted = (exports, name) => ({
  value: (...given) => {
    made++;
    return exports[name](...given);
  },
});
WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @override */
  get exports() {
    const exports = super.exports;
    // Node's own modules come through here too.
    if (!exports.structured) return exports;
    return Object.create(exports, { call: counted(exports, "call"), structured: counted(exports, "structured") });
  }
};
const { default: init, RelyingParty } = await import("oidc-wasm");
await init();

const issuer = "https://op.example.com";
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const provider = await createTestProvider({ issuer, users: { 24400320: {} } });
const fetch = (url, options) => provider.fetch(url, options);

async function count(call) {
  const before = made;
  const value = await call();
  return { value, calls: made - before };
}

const discovered = () => count(() => RelyingParty.discover(issuer, client, { fetch }));
const { value: rp, calls } = await discovered();
const all = { discover: calls, "discover, shared": (await discovered()).calls };
for (const name of ["callback, cold", "callback, warm"]) {
  const { url, transaction } = rp.authorizationRequest();
  const back = await provider.authorize(url);
  const { value: login, calls } = await count(() => rp.callback(back.url, transaction, { fetch }));
  if (login.claims.sub !== "24400320") throw new Error("the login failed");
  all[name] = calls;
  const { id_token } = login.tokens;
  all.verifyIdToken = (await count(() => rp.verifyIdToken(id_token, { transaction }, { fetch }))).calls;
}
console.log(JSON.stringify(all));
