// A good login, and thousands of copies with one change in one message. The package must reject each with a code, or
// harmless.json must list it with a reason. A changed token with a new signature is a fault of the provider itself.
import { readFile } from "node:fs/promises";
import { createChecks, readVectors } from "../lib.mjs";
import { accepts, lineOf, readDifferences, suite, takesReply, takesToken } from "../peers.mjs";
import { load } from "../project.mjs";
import { client, Elsewhere, goodLogin, hybridParams, login, now, params, signedReply, withEntropy } from "./login.mjs";
import { everyMutant, hybridMutants } from "./messages.mjs";

async function readHarmless() {
  const lines = JSON.parse(await readFile(new URL("harmless.json", import.meta.url), "utf8"));
  const whole = (pattern) => new RegExp(`^(${pattern})$`);
  return lines.map((line) => {
    const [messages, at, change] = [line.message.split(", "), whole(line.at), whole(line.change)];
    const fits = (mutant) => messages.includes(mutant.message) && at.test(mutant.at) && change.test(mutant.change);
    return { ...line, fits, used: 0 };
  });
}

export async function mutants() {
  const { check, results } = createChecks("mutants");
  const harmless = await readHarmless();
  const oidc = await load();
  const { equal, shown, withClock } = await suite("harness.js");
  const keys = (await readVectors())["keys.json"];
  const tokens = await suite("tokens.js");
  const sign = (headerText, payload, { alg = "RS256", ...how } = {}) =>
    tokens.sign({ header: { alg }, headerText, payload, ...how });

  const tally = new Map();
  const failures = new Map();
  const fail = (name, text) => failures.set(name, [...(failures.get(name) ?? []), text]);

  /** The result of a mutant: an error code, `same`, `other` or `elsewhere`. Fails if this result is not allowed. */
  async function judged(good, mutant, wanted, name) {
    const { value, error } = await login(good, mutant, oidc).then(
      (value) => ({ value, error: undefined }),
      (error) => ({ value: undefined, error }),
    );
    const isElsewhere = error instanceof Elsewhere;
    if (error && !isElsewhere) {
      if (!(error instanceof oidc.OidcError) || error.code === "internal")
        fail(name, `${mutant.change}: no verdict: ${error.stack}`);
      const leak = shown(error, [...good.secrets, good.request.transaction, mutant.token || good.tokens.id_token]);
      if (leak) fail(name, `${mutant.change}: ${leak}`);
      return error.code;
    }
    const result = isElsewhere ? "elsewhere" : equal(value, wanted) ? "same" : "other";
    const line = harmless.find((one) => one.fits(mutant));
    if (!line) fail(name, `${mutant.change}: accepted (${result}), and harmless.json has no line for it`);
    else if (line.result !== result && !(line.result === "other" && result === "same"))
      fail(name, `${mutant.change}: harmless.json lists ${line.result}, but the result is ${result}`);
    if (line) line.used++;
    return result;
  }

  // The peers get the same mutants. If a peer's result differs, differences.json must have a line for our code or for this change.
  const lines = await readDifferences();
  let compared = 0;
  async function compare(good, mutant, ours, name) {
    const { message, change, token, replies } = mutant;
    const expected = {
      nonce: good.claims.nonce,
      maxAge: params.maxAge,
      accessToken: good.secrets[1],
      code: good.secrets[0],
    };
    const question = { provider: good.metadata, client, now, expected, keys: good.jwks };
    const reply = replies?.["/token"];
    const [peers, asked] = {
      "ID token": [takesToken, { ...question, token }],
      "token response": [takesReply, { ...question, ...expected, reply, body: reply?.body, grant: {}, openid: true }],
    }[message] ?? [{}];
    for (const [peer, takes] of Object.entries(peers)) {
      compared++;
      // Userinfo comes after the peers' part, so its `sub` does not count.
      const isOurs = ours === "same" || ours === "other" || ours.startsWith("userinfo.");
      const accepted = await accepts(() => takes(asked));
      if (accepted === isOurs) continue;
      const code = isOurs ? "ok" : ours;
      const known = lineOf(lines, { peer, ours: code }).some(
        ({ mutants }) => code !== "ok" || new RegExp(`^(${mutants})$`).test(`${name}: ${change}`),
      );
      const what = isOurs ? `accepted, ${peer} refuses` : `${ours}, ${peer} accepts`;
      if (!known) fail(name, `${change}: ${what}; differences.json does not list it`);
    }
  }

  await withClock(now, () =>
    withEntropy(async () => {
      const good = await goodLogin(params, keys, sign, oidc);
      const hybrid = await goodLogin(hybridParams, keys, sign, oidc);
      const replies = { ...good.replies, "/userinfo": signedReply(good.signedInfo) };
      const wanted = { "signed userinfo": await login(good, { replies }, oidc) };
      for (const [started, everyOne] of /** @type {const} */ ([
        [good, everyMutant],
        [hybrid, hybridMutants],
      ])) {
        const plain = await login(started, {}, oidc);
        for await (const mutant of everyOne(started, keys, sign)) {
          const name = `${mutant.message}, ${mutant.at}`;
          tally.set(name, (tally.get(name) ?? 0) + 1);
          const ours = await judged(started, mutant, wanted[mutant.message] ?? plain, name);
          await compare(started, mutant, ours, name);
        }
      }
    }),
  );
  for (const [name, count] of tally) {
    await check(`${name}: ${count} changes`, () => {
      const bad = failures.get(name);
      if (bad) throw bad.join("\n");
    });
  }
  await check("every line of harmless.json has a reason and is needed", () => {
    for (const { at, change, reason, section, used } of harmless) {
      if (!reason || !section) throw `${at}, ${change}: a reason and a section`;
      if (!used) throw `${at}, ${change}: nothing was accepted under this line`;
    }
  });
  const total = [...tally.values()].reduce((sum, count) => sum + count, 0);
  const passed = harmless.reduce((sum, { used }) => sum + used, 0);
  console.log(
    `${total} single changes: ${total - passed} refused with a code, ${passed} harmless under ${harmless.length} lines; ${compared} compared with others`,
  );
  return results;
}
