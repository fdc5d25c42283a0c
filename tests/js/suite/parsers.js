// The parsers against their references, on generated inputs: forms against URLSearchParams, challenges against the
// grammar of RFC 9110 §11.6.1.
import { parseChallenges, RelyingParty } from "oidc-wasm";
import { ok, outcome, same, test } from "./harness.js";

/** The same inputs in every run and on every runtime (mulberry32). */
function generator(seed) {
  let state = seed;
  const number = (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  const pick = (list) => list[number(list.length)];
  const many = (most, make) => Array.from({ length: number(most + 1) }, make);
  return { number, pick, many };
}

const rp = () =>
  new RelyingParty(
    { issuer: "https://op.example", authorization_endpoint: "https://op.example/authorize" },
    { clientId: "app", redirectUri: "https://app.example/cb" },
  );

test("forms: 3,000 generated redirects are read as URLSearchParams reads them", async () => {
  const { pick, many } = generator(1);
  const party = rp();
  const { state, transaction } = party.authorizationRequest();
  // ASCII, like a URL. Beside an escape, Node 20 misreads other characters.
  const pieces = [
    "a",
    "Z",
    "0",
    "+",
    "%20",
    "%2B",
    "%",
    "%2",
    "%zz",
    "%C3%A9",
    "=",
    "?",
    "%26",
    "%3D",
    ";",
    "%00",
    "~",
  ];
  for (let count = 0; count < 3000; count++) {
    const description = many(12, () => pick(pieces)).join("");
    const others = many(3, () => `${many(4, () => pick(pieces)).join("")}=x`);
    const query = [...others, `error_description=${description}`, `state=${state}`, "error=access_denied"].join("&");
    const reference = new URLSearchParams(query);
    const { error } = await outcome(() => party.authorizationResponse(`https://app.example/cb?${query}`, transaction));
    same(error?.code, "redirect.oauth_error", query);
    same(error.error_description, reference.get("error_description"), query);
  }
});

test("forms: 1,000 generated bodies: invalid UTF-8 is accepted only in error_description, as URLSearchParams reads it", async () => {
  const { pick, many } = generator(2);
  const party = rp();
  const { state, transaction } = party.authorizationRequest();
  for (let count = 0; count < 1000; count++) {
    const good = () => many(5, () => pick(["a", "%C3%A9", "+", "%E2%82%AC"])).join("");
    const broken = pick(["%FF", "%C3", "%C3%28", "%ED%A0%80", "%C0%AF", "%F5%80%80%80"]);
    const value = `${good()}${broken}a${good()}`;
    const told = `error=x&state=${state}&error_description=${value}`;
    const reference = new URLSearchParams(told).get("error_description");
    ok(reference?.includes("\ufffd"), told);
    const read = (query) => outcome(() => party.authorizationResponse(`https://app.example/cb?${query}`, transaction));
    const { error } = await read(told);
    same([error?.code, error?.error_description], ["redirect.oauth_error", reference], told);
    for (const query of [`code=${value}&state=${state}`, `error=${value}&state=${state}`])
      same((await read(query)).error?.code, "redirect.malformed", query);
  }
});

test("challenges: 3,000 generated headers are read correctly with any spaces and quotes", () => {
  const { number, pick, many } = generator(3);
  const letters = [..."abcXYZ019!#$%&'*+-.^_`|~"];
  const token = () => pick([..."abcXYZ"]) + many(6, () => pick(letters)).join("");
  const blank = () => pick(["", "", " ", "\t", "  "]);
  const comma = () => pick([",", ", ", " ,", " , ", ",,", ", ,\t"]);
  const text = () => many(8, () => pick(["a", " ", ",", "=", '"', "\\", "é", "%41", ";", "("])).join("");
  const quoted = (value) =>
    `"${[...value].map((c) => (c === '"' || c === "\\" || number(9) === 0 ? `\\${c}` : c)).join("")}"`;
  for (let count = 0; count < 3000; count++) {
    const expected = [];
    const parts = [];
    for (let at = 0; at <= number(3); at++) {
      const scheme = token();
      if (number(4) === 0) {
        const token68 = `${pick([..."aZ09"])}${many(6, () => pick([..."aZ09-._~+/"])).join("")}${pick(["", "=", "=="])}`;
        expected.push({ scheme, parameters: {}, token68 });
        parts.push(`${scheme} ${token68}`);
        continue;
      }
      const names = [...new Set(Array.from({ length: 1 + number(3) }, () => token().toLowerCase()))];
      const parameters = names.map((name) => [name, number(2) ? text() : token()]);
      expected.push({ scheme, parameters: Object.fromEntries(parameters) });
      const isToken = (value) => /^[\w!#$%&'*+.^`|~-]+$/.test(value);
      const written = parameters.map(([name, value]) => {
        const spelled = pick([name, name.toUpperCase()]);
        return `${spelled}${blank()}=${blank()}${isToken(value) && number(2) ? value : quoted(value)}`;
      });
      parts.push(`${scheme} ${written.join(comma())}`);
    }
    const header = `${pick(["", ", "])}${parts.join(comma())}${pick(["", " ", ","])}`;
    same(parseChallenges(header), expected, header);
  }
});

test("challenges: a header of more than 16 KiB is read up to its last whole challenge there", () => {
  const whole = parseChallenges("Bearer x=1, ".repeat(1000));
  same(whole.length, 1000);
  const cut = parseChallenges("Bearer x=1, ".repeat(5000));
  same(cut.length, 1365);
  for (const challenge of cut) same(challenge, { scheme: "Bearer", parameters: { x: "1" } });
});
