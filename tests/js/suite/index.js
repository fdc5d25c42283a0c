// The whole suite in order. Cases before init() come first, and the search of all errors comes last.
import "./basics.js";
import "./vectors.js";
import "./arguments.js";
import "./signatures.js";
import "./jwks.js";
import "./documents.js";
import "./spent.js";
import "./relaxed.js";
import "./messages.js";
import "./logins.js";
import "./http.js";
import "./boundary.js";
import "./parsers.js";
import "./faults.js";
import "./full.js";
import { leaks, ok, same, test } from "./harness.js";

test("secrets: no error and no report of the suite shows a token, code, verifier, secret or password", () => {
  const { errors, reports, secrets, found } = leaks();
  ok(
    errors > 500 && reports > 200 && secrets > 100,
    `only ${errors} errors, ${reports} reports and ${secrets} secrets were seen`,
  );
  same(found.slice(0, 5), []);
});

export { default as init } from "oidc-wasm";
export { cases, runAll, runCase } from "./harness.js";
