import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Runs an entry in a process of its own, of this Node or the one at `node`. Resolves to the last thing that it sent; what is progress is passed on. */
export function child(entry, { args = [], node = process.execPath, given, progress } = {}) {
  return new Promise((resolve, reject) => {
    const running = fork(fileURLToPath(new URL(`entries/${entry}`, import.meta.url)), args, { execPath: node });
    let result;
    running.on("message", (message) => {
      if (message.progress) progress(message.progress);
      else result = message;
    });
    running.on("error", reject);
    running.on("exit", (code) => {
      if (result && !result.error) resolve(result);
      else reject(new Error(result?.error ?? `${entry} ${args.join(" ")} ended with ${code}`));
    });
    if (given) running.send(given);
  });
}
