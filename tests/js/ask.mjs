// What fetch does not let a test say: Host, Cookie, and who asks (W3C Fetch Metadata).
import { request } from "node:http";

/** One request as a browser makes it, whatever its headers are. @param {string | URL} address @param {any} [how] @returns {Promise<any>} */
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
