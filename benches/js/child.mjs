import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Runs an entry in a Node of its own. Resolves to the last thing that it sent; what is progress is passed on. */
export function child(entry, { args = [], given, progress } = {}) {
  return new Promise((resolve, reject) => {
    const node = fork(fileURLToPath(new URL(`entries/${entry}`, import.meta.url)), args);
    let result;
    node.on("message", (message) => {
      if (message.progress) progress(message.progress);
      else result = message;
    });
    node.on("error", reject);
    node.on("exit", (code) => {
      if (result && !result.error) resolve(result);
      else reject(new Error(result?.error ?? `${entry} ${args.join(" ")} ended with ${code}`));
    });
    if (given) node.send(given);
  });
}
