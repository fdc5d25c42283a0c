// The entries for servers, against the test provider.
import "./guard.js";

export { runAll } from "../harness.js";
