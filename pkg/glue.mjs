// Reduces wasm-bindgen's glue to the parts that this package needs: node pkg/glue.mjs <glue of wasm-bindgen>.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { parseAst } from "rolldown/parseAst";

const [file = ""] = process.argv.slice(2);
/** The glue of the wasm2js engine has a function instead of a module, and numbers instead of references. */
const isJavaScript = basename(dirname(file)) === "js";
const text = isJavaScript ? "../../engine/text.js" : "../engine/text.js";

/**
 * Replacements for functions of the same name. They accept a compiled module and can restart it. Their string codecs
 * work on every host and start at first use.
 */
const own = {
  initSync: isJavaScript
    ? "initSync(module) { return wasm = module(__wbg_get_imports()); }"
    : `initSync(module) {
    wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
    wasm.start();
    return wasm;
  }`,
  getDataViewMemory0: "getDataViewMemory0() { return new DataView(wasm.memory.buffer); }",
  getArrayU8FromWasm0:
    "getArrayU8FromWasm0(at, length) { return new Uint8Array(wasm.memory.buffer, at >>> 0, length); }",
  getStringFromWasm0: "getStringFromWasm0(at, length) { return decode(getArrayU8FromWasm0(at, length)); }",
  passStringToWasm0: `passStringToWasm0(text, malloc) {
    const bytes = encode(text);
    WASM_VECTOR_LEN = bytes.length;
    const at = malloc(bytes.length, 1);
    getArrayU8FromWasm0(at, bytes.length).set(bytes);
    return at >>> 0;
  }`,
};

/** The exports that the package calls through the glue. It calls all others directly. */
const called = ["structured", "refusal"];

/** Unused parts: other ways to load a module, text codecs, and memory as one view. */
const dropped =
  /^(__wbg_(load|init\w*|finalize_init)|wasm(Module|Instance)?|cached\w+|getUint8ArrayMemory0|decodeText|numBytesDecoded|MAX_\w+)$/;

/** Needless members of its imports. The build shortens the names of those that the module has. */
const needless = /^ *__proto__: null,\n|^ *__wbindgen_\w+: function\(.*\n(.*\n)*?\},\n/gm;

const code = readFileSync(file, "utf8").replace(needless, "");
const imports = code.match(/^ *\w+(?=: function)/gm) ?? [];
if (new Set(imports).size < imports.length) throw new Error(`two imports have the same name: ${imports}`);
const kept = [`import { decode, encode } from "${text}";`, "let wasm;"];
const unused = new Set(Object.keys(own));
for (const statement of /** @type {any[]} */ (parseAst(code).body)) {
  const { type, start, end } = statement;
  const declared = type === "ExportNamedDeclaration" ? statement.declaration : statement;
  const name = declared?.id?.name ?? declared?.declarations?.[0]?.id.name;
  if (type === "ImportDeclaration") {
    // Skips the references that need no release. This module has none.
    const { local } = statement.specifiers[0];
    kept.push(`const ${local.name} = { externref_statics_end: () => 0 };`);
  } else if (name in own) {
    kept.push(`function ${own[name]}`);
    unused.delete(name);
  } else if (name && (type !== "ExportNamedDeclaration" || called.includes(name)) && !dropped.test(name))
    kept.push(code.slice(start, end));
  else if (/^heap/.test(code.slice(start, end))) kept.push(code.slice(start, end));
}
if (unused.size) throw new Error(`the glue has no ${[...unused].join(", ")}`);
const whole = `${kept.join("\n\n")}\n\nexport { initSync };\n`;
const missed = whole.match(/\w+/g).find((word) => dropped.test(word) && word !== "wasm");
if (missed) throw new Error(`the glue needs ${missed}`);
writeFileSync(file, whole);
