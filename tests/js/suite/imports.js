// What the package must not need when it is imported is taken away; then every entry is imported.
import { entries, lacking } from "../entries.js";

/** Resolves to one result for each entry. */
export async function importAll() {
  for (const name of lacking)
    for (let at = globalThis; at; at = Object.getPrototypeOf(at)) Reflect.deleteProperty(at, name);
  const left = lacking.filter((name) => name in globalThis);
  const results = [{ name: "nothing is left of it", ok: left.length === 0, message: `${left}` }];
  for (const [name, load] of Object.entries(entries))
    results.push(
      await load().then(
        () => ({ name, ok: true, message: "" }),
        (error) => ({ name, ok: false, message: String(error?.stack ?? error) }),
      ),
    );
  return results;
}
