// The entries for servers, against the test provider.
import "./dpop.js";
import "./guard.js";
import "./hono.js";
import "./login.js";

export { runAll } from "../harness.js";
