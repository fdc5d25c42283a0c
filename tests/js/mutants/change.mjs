// Every way to change one thing in a message. Nothing is random: the same message gives the same mutants in the same
// order. A mutant is `{ at, change, … }`: the place (a JSON path, a parameter, `text` for the whole) and the change.

/** The most places of a long string that are changed, evenly spread. */
const PLACES = 24;

function* places(length) {
  const step = Math.max(1, Math.floor(length / PLACES));
  for (let at = 0; at < length; at += step) yield at;
}

// ── JSON ──

/** JSON in which `edit.parts(label, text)` replaces the member or item at `edit.at`. */
function render(value, edit, at = "") {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const parts = Object.entries(value).flatMap(([name, inner]) => {
    const path = join(at, name, isList);
    const label = isList ? "" : `${JSON.stringify(name)}:`;
    const text = render(inner, edit, path);
    return edit?.at === path ? edit.parts(label, text) : [label + text];
  });
  return isList ? `[${parts}]` : `{${parts}}`;
}

const join = (at, name, isList) => (isList ? `${at}[${name}]` : at ? `${at}.${name}` : name);

/** Every member and item below the root, with its siblings. */
function* nodes(value, at = "") {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const path = join(at, name, Array.isArray(value));
    const siblings = Object.entries(value).filter(([other]) => other !== name);
    yield { at: path, name: Array.isArray(value) ? undefined : name, inner, siblings };
    yield* nodes(inner, path);
  }
}

/** The other types of JSON value, as JSON. */
function* retyped(value) {
  for (const text of ["null", "true", "false", "0", "-1", "7.5", '""', '"x"', "[]", "[null]", "{}"]) {
    if (text !== JSON.stringify(value)) yield [`becomes ${text}`, text];
  }
  yield ["wrapped in a list", JSON.stringify([value])];
  yield ["wrapped in an object", JSON.stringify({ value })];
  if (typeof value === "number" || typeof value === "boolean") yield ["as text", `"${value}"`];
  if (typeof value === "string" && /^\d+$/.test(value)) yield ["as a number", value];
}

/** Another number, or the same number in another form. */
function* renumbered(number) {
  for (const [change, text] of [
    ["one more", `${number + 1}`],
    ["one less", `${number - 1}`],
    ["negative", `-${number}`],
    ["in milliseconds", `${number}000`],
    ["far", "9007199254740993"],
    ["1e300", "1e300"],
    ["1e400", "1e400"],
    ["with a fraction", `${number}.5`],
    ["written .0", `${number}.0`],
    ["written e0", `${number}e0`],
    ["with a leading zero", `0${number}`],
    ["with a plus sign", `+${number}`],
    ["hexadecimal", `0x${number.toString(16)}`],
    ["NaN", "NaN"],
    ["infinite", "Infinity"],
  ])
    yield [change, text];
}

/** Other strings. */
export function* reworded(text) {
  const changes = {
    "in upper case": text.toUpperCase(),
    "in lower case": text.toLowerCase(),
    "first letter in the other case": otherCase(text[0]) + text.slice(1),
    "without its end": text.slice(0, -1),
    "without its start": text.slice(1),
    "cut in half": text.slice(0, text.length >> 1),
    "with a letter behind": `${text}x`,
    "with a slash behind": `${text}/`,
    "with a dot behind": `${text}.`,
    "with a space behind": `${text} `,
    "with a space in front": ` ${text}`,
    "with a line end behind": `${text}\n`,
    "with a zero byte behind": `${text}\0`,
    "with an invisible space behind": `${text}\u200b`,
    "with padding behind": `${text}=`,
    doubled: text + text,
    backwards: [...text].reverse().join(""),
  };
  for (const [change, other] of Object.entries(changes)) if (other !== text) yield [change, other];
  for (const at of places(text.length)) {
    yield [`character ${at} another`, text.slice(0, at) + neighbour(text[at]) + text.slice(at + 1)];
    yield [`character ${at} left out`, text.slice(0, at) + text.slice(at + 1)];
  }
}

const otherCase = (letter = "") => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase());

const neighbour = (letter) => String.fromCharCode(letter.charCodeAt(0) ^ 1);

/** One change in a JSON message; `text` is the whole message. */
export function* jsonMutants(value) {
  const good = render(value);
  for (const mutant of changed(value)) if (mutant.text !== good) yield mutant;
  yield* textMutants(good);
}

function* changed(value) {
  for (const { at, name, inner, siblings } of nodes(value)) {
    const edited = (change, parts) => ({ at, change, text: render(value, { at, parts }) });
    const becomes = (change, text) => edited(change, (label) => [label + text]);
    yield edited("dropped", () => []);
    yield edited("twice", (label, text) => [label + text, label + text]);
    yield edited("twice, the second null", (label, text) => [label + text, `${label}null`]);
    yield edited("twice, the first null", (label, text) => [`${label}null`, label + text]);
    for (const [change, text] of retyped(inner)) yield becomes(change, text);
    if (typeof inner === "number") for (const [change, text] of renumbered(inner)) yield becomes(change, text);
    if (typeof inner === "string") {
      for (const [change, text] of reworded(inner)) yield becomes(change, JSON.stringify(text));
      yield becomes("half of a surrogate pair behind", `${JSON.stringify(inner).slice(0, -1)}\\ud800"`);
      const escaped = [...inner].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
      yield becomes("written in escapes", `"${escaped}"`);
    }
    for (const [other, sibling] of siblings) yield becomes(`the value of ${other}`, JSON.stringify(sibling));
    if (name === undefined) continue;
    for (const [change, other] of [
      ["name in upper case", name.toUpperCase()],
      ["name without its end", name.slice(0, -1)],
      ["name with a space behind", `${name} `],
    ])
      yield edited(change, (_, text) => [`${JSON.stringify(other)}:${text}`]);
    const escaped = `"\\u${name.charCodeAt(0).toString(16).padStart(4, "0")}${name.slice(1)}"`;
    yield edited("name written in escapes", (_, text) => [`${escaped}:${text}`]);
    yield edited("twice, once in escapes", (label, text) => [label + text, `${escaped}:${text}`]);
  }
}

/** One change in a whole JSON message. */
function* textMutants(text) {
  const utf8 = new TextEncoder().encode(text);
  const changes = {
    empty: "",
    "a byte-order mark": `\ufeff${text}`,
    "white space around": ` \r\n\t${text}\n `,
    "a form feed in front": `\f${text}`,
    "a comma behind": `${text},`,
    "a bracket behind": `${text}}`,
    "a second document behind": text + text,
    "a zero byte behind": `${text}\0`,
    "a comment behind": `${text}// x`,
    "in a list": `[${text}]`,
    "as a text": JSON.stringify(text),
    "the null value": "null",
    "another member": `${text.slice(0, -1)},"unheard_of":{"x":[1,"",null]}}`,
    "a comma at the end": `${text.slice(0, -1)},}`,
    "nested too deep": `${text.slice(0, -1)},"unheard_of":${"[".repeat(70)}${"]".repeat(70)}}`,
    "single quotes": text.replaceAll('"', "'"),
    "a byte that is not UTF-8": Uint8Array.from([
      ...utf8.slice(0, -1),
      ...new TextEncoder().encode(',"x":"'),
      0xff,
      0x22,
      0x7d,
    ]),
    "in UTF-16": Uint8Array.from(
      [...text].flatMap((letter) => [letter.charCodeAt(0) & 255, letter.charCodeAt(0) >> 8]),
    ),
    "more than a mebibyte": `${text.slice(0, -1)},"unheard_of":"${"x".repeat(1 << 20)}"}`,
  };
  for (const [change, other] of Object.entries(changes)) yield { at: "text", change, text: other };
  for (const at of places(text.length)) yield { at: "text", change: `cut after ${at}`, text: text.slice(0, at) };
}

// ── HTTP ──

/** One change in a reply outside its body. */
export function* replyMutants({ status, headers, body }) {
  for (const other of [201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 429, 500, 503])
    yield { at: "status", change: `${other}`, reply: { status: other, headers, body } };
  const type = headers["content-type"];
  const types = {
    "with a charset": `${type}; charset=utf-8`,
    "in capitals": type.toUpperCase(),
    "text/html": "text/html",
    "text/plain": "text/plain",
    "text/json": "text/json",
    "a suffix": "application/problem+json",
    "a longer word": `${type}p`,
    "application/jwt": "application/jwt",
    "after another type": `text/html, ${type}`,
    empty: "",
  };
  for (const [change, other] of Object.entries(types))
    yield { at: "content-type", change, reply: { status, headers: { ...headers, "content-type": other }, body } };
  const { "content-type": _, ...rest } = headers;
  yield { at: "content-type", change: "dropped", reply: { status, headers: rest, body } };
}

// ── the redirect ──

/** One change in a redirect with its parameters in the query or in the fragment. */
export function* redirectMutants(url) {
  const [mark, other] = url.includes("#") ? ["#", "?"] : ["?", "#"];
  const [base, query] = url.split(mark);
  const pairs = query.split("&").map((pair) => pair.split("="));
  const whole = (parts) => `${base}${mark}${parts.map((pair) => pair.join("=")).join("&")}`;
  for (const [index, [name, value]] of pairs.entries()) {
    const edited = (change, ...parts) => ({ at: name, change, url: whole(pairs.toSpliced(index, 1, ...parts)) });
    const text = decodeURIComponent(value);
    yield edited("dropped");
    yield edited("twice", [name, value], [name, value]);
    yield edited("twice, the second another", [name, value], [name, "x"]);
    yield edited("twice, the first another", [name, "x"], [name, value]);
    yield edited("twice, the second empty", [name, value], [name, ""]);
    yield edited(
      "twice, once in escapes",
      [name, value],
      [`%${name.charCodeAt(0).toString(16)}${name.slice(1)}`, value],
    );
    yield edited("empty", [name, ""]);
    yield edited("no value", [name]);
    yield edited("name in upper case", [name.toUpperCase(), value]);
    yield edited("name as a list", [`${name}[]`, value]);
    for (const [change, text] of reworded(decodeURIComponent(value)))
      yield edited(change, [name, encodeURIComponent(text)]);
    for (const [from, otherValue] of pairs) if (from !== name) yield edited(`the value of ${from}`, [name, otherValue]);
    yield edited("a byte that is not UTF-8 behind", [name, `${value}%ff`]);
    yield edited("a broken escape behind", [name, `${value}%f`]);
    yield edited("written in escapes", [
      name,
      [...text].map((one) => `%${one.charCodeAt(0).toString(16).padStart(2, "0")}`).join(""),
    ]);
    yield edited("name written in escapes", [`%${name.charCodeAt(0).toString(16)}${name.slice(1)}`, value]);
  }
  for (const added of [
    "error=access_denied",
    "error=",
    "id_token=e.e.e",
    "access_token=x",
    "token_type=Bearer",
    "expires_in=1",
    "unheard_of=x",
    "=x",
    "",
  ])
    yield { at: "parameters", change: `with ${added || "&"}`, url: `${url}&${added}` };
  const changes = {
    "in the other place": `${base}${other}${query}`,
    "in query and fragment": `${base}?${query}#${query}`,
    backwards: whole(pairs.toReversed()),
    "no parameters": base,
    none: `${base}${mark}`,
    "a stray fragment": `${url}#_=_`,
    "joined by semicolons": url.replaceAll("&", ";"),
    "a second mark": url.replace(mark, mark + mark),
    "an error in the other place": mark === "#" ? `${base}?error=access_denied#${query}` : `${url}#error=access_denied`,
    "another host": url.replace("//", "//evil."),
    "another path": url.replace(mark, `x${mark}`),
    "another scheme": url.replace("https:", "http:"),
    "a longer text than anybody sends": `${url}&x=${"x".repeat(1 << 20)}`,
  };
  for (const [change, url] of Object.entries(changes)) yield { at: "parameters", change, url };
  for (const at of places(query.length))
    yield { at: "parameters", change: `cut after ${at}`, url: `${base}${mark}${query.slice(0, at)}` };
}

// ── signed tokens ──

const part = (value) => Buffer.from(value).toString("base64url");

/** One change in the parts of a compact token, without a new signature. */
export function* compactMutants(token) {
  const parts = token.split(".");
  const [header, payload, signature] = parts;
  const names = ["header", "payload", "signature"];
  for (const [index, name] of names.entries()) {
    const edited = (change, ...others) => ({ at: name, change, token: parts.toSpliced(index, 1, ...others).join(".") });
    yield edited("dropped");
    yield edited("twice", parts[index], parts[index]);
    yield edited("empty", "");
    yield edited("an empty object", part("{}"));
    for (const [change, other] of reworded(parts[index])) yield edited(`encoded, ${change}`, other);
    for (const other of names) if (other !== name) yield edited(`the ${other}`, parts[names.indexOf(other)]);
    yield edited(
      "in base64",
      Buffer.from(parts[index], "base64url")
        .toString("base64")
        .replace(/=+$/, "")
        .replace(/^([^+/]*)$/, "$1+"),
    );
  }
  // The last character of a part has unused bits. If they could be set, one token would have two forms.
  const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const [index, name] of names.entries()) {
    if (parts[index].length % 4 === 0) continue;
    const letter = last[last.indexOf(parts[index].at(-1)) | 1];
    if (letter !== parts[index].at(-1))
      yield {
        at: name,
        change: "stray bits",
        token: parts.toSpliced(index, 1, parts[index].slice(0, -1) + letter).join("."),
      };
  }
  const bytes = Buffer.from(signature, "base64url");
  const signed = (change, other) => ({ at: "signature", change, token: `${header}.${payload}.${part(other)}` });
  for (const at of places(bytes.length * 8)) {
    const other = Uint8Array.from(bytes);
    other[at >> 3] ^= 1 << (at & 7);
    yield signed(`bit ${at} another`, other);
  }
  for (const length of places(bytes.length)) if (length) yield signed(`${length} bytes`, bytes.subarray(0, length));
  yield signed("of zeros", new Uint8Array(bytes.length));
  yield signed("with a zero byte in front", Uint8Array.of(0, ...bytes));
  yield signed("with a zero byte behind", Uint8Array.of(...bytes, 0));
  for (const [change, other] of [
    ["a dot behind", `${token}.`],
    ["a dot in front", `.${token}`],
    ["five parts", `${token}.${payload}.${signature}`],
    ["twice", `${token}.${token}`],
    ["empty", ""],
    ["in the JSON form", JSON.stringify({ protected: header, payload, signature })],
    ["with a space behind", `${token} `],
    ["with a line end behind", `${token}\n`],
  ])
    yield { at: "text", change, token: other };
}
