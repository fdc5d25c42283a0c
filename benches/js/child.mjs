import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs an entry in its own process, with this Node or the one at `node`. Resolves to its last message and forwards its progress.
 * @param {string} entry
 * @param {{ args?: string[], node?: string, given?: object, progress?: (told: object) => void }} options
 */
export function child(entry, { args = [], node = process.execPath, given, progress } = {}) {
  return new Promise((resolve, reject) => {
    const running = fork(fileURLToPath(new URL(`entries/${entry}`, import.meta.url)), args, { execPath: node });
    let result;
    running.on("message", (/** @type {any} */ message) => {
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
