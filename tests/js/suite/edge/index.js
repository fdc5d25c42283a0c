// The entries for servers, against the test provider.
import "./guard.js";
import "./login.js";

export { runAll } from "../harness.js";
