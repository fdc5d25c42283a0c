// The session manager in a process of its own, without a window. Prints the results of its calls, and the number of requests.
import { called } from "./server.mjs";

let requests = 0;
const host = {
  fetch: async () => {
    requests++;
    throw new TypeError("offline");
  },
};
const config = { issuer: "https://op.example", clientId: "app", redirectUri: "https://app.example/cb", host };
console.log(JSON.stringify([await called(config), requests]));
