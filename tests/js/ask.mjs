// Sends headers that `fetch` does not let a test set: Host, Cookie, and W3C Fetch Metadata.
import { request } from "node:http";

/** One request as a browser sends it, with any headers. @param {string | URL} address @param {any} [how] @returns {Promise<any>} */
export function ask(address, how = {}) {
  const { method = "GET", headers = {}, body } = how;
  return new Promise((resolve, reject) => {
    const asked = request(address, { method, headers }, async (reply) => {
      let text = "";
      for await (const chunk of reply) text += chunk;
      resolve({ status: reply.statusCode, headers: reply.headers, lines: reply.headers["set-cookie"] ?? [], text });
    });
    asked.once("error", reject).end(body);
  });
}
