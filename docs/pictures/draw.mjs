// Draws the pictures of the documentation from the text below: node docs/pictures/draw.mjs. A test compares the files with it.
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const style = `<style>
  text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: #1f2328; }
  .strong { font-weight: 600; }
  .small { font-size: 12.5px; fill: #59636e; }
  .middle { text-anchor: middle; }
  .paper { fill: #ffffff; }
  .box { fill: #f6f8fa; stroke: #8c959f; }
  .own { fill: #ddf4ff; stroke: #0969da; }
  .warn { fill: #fff8c5; stroke: #9a6700; }
  .line { stroke: #59636e; stroke-width: 1.5; fill: none; }
  .life { stroke: #d1d9e0; stroke-width: 1.5; stroke-dasharray: 4 4; }
  .head { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .small { fill: #9198a1; }
    .paper { fill: #0d1117; }
    .box { fill: #151b23; stroke: #656c76; }
    .own { fill: #10233f; stroke: #4493f8; }
    .warn { fill: #2f2406; stroke: #d29922; }
    .line { stroke: #9198a1; }
    .life { stroke: #3d444d; }
    .head { fill: #9198a1; }
  }
</style>`;

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x, y, words, kind = "") => `<text x="${x}" y="${y}" class="${kind}">${escaped(words)}</text>`;
const box = (x, y, width, height, kind = "box") =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" class="${kind}"/>`;
const arrow = (x1, y1, x2, y2) => {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return `<path class="line" d="M${x1} ${y1}L${x2} ${y2}"/><path class="head" d="M0 0L-9 -4.5L-9 4.5Z" transform="translate(${x2} ${y2}) rotate(${Math.round(angle)})"/>`;
};
const picture = (width, height, title, description, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(description)}</desc>
${style}
<rect class="paper" width="${width}" height="${height}"/>
${parts.join("\n")}
</svg>
`;

/** A sequence diagram: its participants, and the messages in order. */
function sequence(title, people, messages) {
  const [left, gap, top, step] = [110, 270, 70, 46];
  const x = Object.fromEntries(Object.keys(people).map((id, at) => [id, left + at * gap]));
  const height = top + messages.length * step + 30;
  const parts = Object.entries(people).flatMap(([id, [name, kind]]) => [
    `<path class="life" d="M${x[id]} 50V${height - 16}"/>`,
    box(x[id] - 75, 14, 150, 36, kind),
    text(x[id], 37, name, "strong middle"),
  ]);
  messages.forEach(([from, to, words, detail], at) => {
    const y = top + at * step + 22;
    if (from === to) {
      parts.push(`<circle cx="${x[from]}" cy="${y - 4}" r="4" class="head"/>`, text(x[from] + 12, y - 6, words));
      if (detail) parts.push(text(x[from] + 12, y + 10, detail, "small"));
      return;
    }
    const middle = (x[from] + x[to]) / 2;
    parts.push(arrow(x[from], y, x[to], y), text(middle, y - 6, words, "middle"));
    if (detail) parts.push(text(middle, y + 15, detail, "small middle"));
  });
  const description = messages
    .map(([from, to, words]) => `${people[from][0]} to ${people[to][0]}: ${words}.`)
    .join(" ");
  return picture(left * 2 + (Object.keys(people).length - 1) * gap, height, title, description, parts);
}

const login = sequence(
  "A login as a sequence of messages",
  {
    app: ["Your app", "box"],
    engine: ["oidc-wasm", "own"],
    browser: ["Browser", "box"],
    provider: ["Provider", "box"],
  },
  [
    ["engine", "provider", "GET metadata", "issuer is checked"],
    ["app", "engine", "authorizationRequest()"],
    ["engine", "app", "url, state, transaction", "your app stores the transaction under state"],
    ["app", "browser", "redirect to url"],
    ["browser", "provider", "authorization request", "client_id, scope, state, nonce, PKCE challenge"],
    ["provider", "browser", "redirect with the code"],
    ["browser", "app", "code, state, iss"],
    ["app", "engine", "callback(redirect, transaction)"],
    ["engine", "engine", "checks state and iss"],
    ["engine", "provider", "GET keys", "before the code is sent"],
    ["engine", "provider", "token request: code and PKCE verifier"],
    ["provider", "engine", "access token, refresh token, ID token"],
    ["engine", "engine", "verifies the ID token", "signature, iss, aud, exp, nonce …"],
    ["engine", "app", "claims and tokens"],
  ],
);

const refresh = sequence(
  "A refresh in eight tabs",
  { tabs: ["Tabs 2 to 8", "box"], lock: ["Lock", "own"], tab: ["Tab 1", "box"], provider: ["Provider", "box"] },
  [
    ["tab", "lock", "asks for the lock and gets it"],
    ["tabs", "lock", "ask for the lock and wait"],
    ["tab", "provider", "refresh token 1"],
    ["provider", "tab", "access token 2, refresh token 2"],
    ["tab", "tab", "stores both"],
    ["tab", "lock", "releases the lock"],
    ["lock", "tabs", "one after the other gets the lock"],
    ["tabs", "tabs", "read access token 2", "no request"],
  ],
);

function rooms() {
  const parts = [];
  const room = (x, y, width, name, lines, kind = "box") => {
    parts.push(box(x, y, width, 40 + lines.length * 19, kind), text(x + 14, y + 24, name, "strong"));
    lines.forEach((line, at) => {
      parts.push(text(x + 14, y + 45 + at * 19, line, "small"));
    });
  };
  parts.push(
    text(20, 30, "TypeScript: pkg/src", "strong"),
    text(20, 262, "Rust, compiled to WebAssembly: src", "strong"),
  );
  room(20, 44, 230, "browser, react, worker", ["session, tabs, renewal, storage"]);
  room(270, 44, 230, "edge, hono, node", ["login, guard, cookies"]);
  room(520, 44, 260, "host", ["fetch, WebCrypto, key cache"]);
  room(20, 146, 480, "relying_party.ts, machine.ts", ["each public method: a frame in, an answer or an error out"]);
  room(520, 146, 260, "engine", ["module, memory, restart after a trap"]);
  parts.push(
    arrow(135, 104, 135, 144),
    arrow(385, 104, 385, 144),
    arrow(650, 144, 650, 105),
    arrow(502, 174, 518, 174),
  );
  room(20, 276, 760, "wasm", ["the boundary: fields of a frame, numbers of calls"], "own");
  parts.push(arrow(650, 206, 650, 274));
  room(20, 370, 140, "party", ["provider", "client", "transaction"], "own");
  room(180, 370, 140, "message", ["authorization", "redirect", "token"], "own");
  room(340, 370, 140, "jose", ["jws", "jwks", "signature"], "own");
  room(500, 370, 140, "token", ["ID token", "access token", "logout token"], "own");
  room(660, 370, 120, "rule.rs", ["every rule", "code, section,", "sentence"], "own");
  parts.push(
    arrow(160, 415, 178, 415),
    arrow(320, 415, 338, 415),
    arrow(480, 415, 498, 415),
    arrow(640, 415, 658, 415),
  );
  parts.push(arrow(400, 336, 400, 368));
  room(20, 506, 760, "wire", ["JSON, forms, base64url, URIs, challenges: grammars without protocol"], "own");
  parts.push(arrow(250, 468, 250, 504));
  const description =
    "Above, TypeScript: entries for browser and edge call relying_party.ts, which calls the engine. Below, Rust: the boundary wasm; then party, message, jose and token in protocol order, each with rules of rule.rs; below them wire.";
  return picture(800, 584, "The rooms of the code", description, parts);
}

function storage() {
  const rows = [
    ["session", "sessionStorage of each tab", "a reload", "any script in the page"],
    ["memory", "variables of the page", "nothing", "any script in the page"],
    ["indexeddb", "IndexedDB, encrypted", "closing the browser", "any script in the page"],
    ["worker", "variables of a worker", "as long as a tab is open", "no script in the page"],
    ["edge, keep: tokens", "encrypted HttpOnly cookies", "closing the browser", "only your server"],
    ["edge, store", "your store, encrypted", "closing the browser", "only your server"],
  ];
  const columns = [20, 210, 440, 630];
  const parts = ["setting", "where the tokens are", "survives", "who can read them"].map((name, at) =>
    text(columns[at] + 12, 34, name, "strong"),
  );
  rows.forEach((row, at) => {
    const y = 48 + at * 46;
    const kind = row[3].startsWith("any") ? "warn" : "own";
    parts.push(box(20, y, 850, 38, kind));
    row.forEach((words, column) => {
      parts.push(text(columns[column] + 12, y + 24, words, column ? "" : "strong"));
    });
  });
  const description = rows.map((row) => `${row[0]}: ${row[1]}; survives ${row[2]}; readable by ${row[3]}.`).join(" ");
  return picture(890, 48 + rows.length * 46 + 8, "Where tokens live for each storage", description, parts);
}

export const pictures = { login, refresh, rooms: rooms(), storage: storage() };

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, svg] of Object.entries(pictures)) await writeFile(new URL(`${name}.svg`, import.meta.url), svg);
