// Removes features that an import must not need, then imports every entry.
import { entries, lacking } from "../entries.js";

/** Resolves to one result for each entry. */
export async function importAll() {
  for (const name of lacking)
    for (let at = globalThis; at; at = Object.getPrototypeOf(at)) Reflect.deleteProperty(at, name);
  const left = lacking.filter((name) => name in globalThis);
  const results = [{ name: "the features are removed", ok: left.length === 0, message: `${left}` }];
  for (const [name, load] of Object.entries(entries))
    results.push(
      await load().then(
        () => ({ name, ok: true, message: "" }),
        (error) => ({ name, ok: false, message: String(error?.stack ?? error) }),
      ),
    );
  return results;
}
