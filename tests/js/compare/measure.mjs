// Runs one library at the test provider, in its own process: a good login, then each fault. Prints the results as JSON.
import { libraries, provider } from "./libraries.mjs";
import { better, faults } from "./points.mjs";

const [name] = process.argv.slice(2);
const login = await libraries[name]();
const [result, requests] = [{}, []];
{
  const op = await provider(name);
  const subject = await login(op, (url) => requests.push(url));
  if (subject !== "mara") throw new Error(`the good login gave ${subject}`);
}
for (const [fault] of faults) {
  const op = await provider(name);
  op.break(fault);
  let outcome;
  try {
    const subject = await login(op, () => {});
    outcome = subject === "mara" || subject ? "accepts" : "rejects";
  } catch {
    outcome = "rejects";
  }
  result[fault] = outcome;
}
const asked = new URL(requests[0]).searchParams;
for (const parameter of ["state", "nonce", "code_challenge"])
  result[parameter] = asked.has(parameter) ? "sends" : "omits";
const library =
  name === "@auth0/auth0-spa-js"
    ? await import("@auth0/auth0-spa-js/dist/auth0-spa-js.production.esm.js")
    : await import(name);
const features = Object.fromEntries(
  better.filter(([of]) => of === name).map(([, words, has]) => [words, has(library)]),
);
console.log(`\n${JSON.stringify({ result, features })}`);
process.exit(0);
