// Makes the engine as JavaScript, for runtimes and pages without WebAssembly: node pkg/wasm2js.mjs <module of wasm-bindgen>.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [bound = here("../target/wasm/oidc_wasm.bound.wasm")] = process.argv.slice(2);
const lowered = here("../target/wasm/oidc_wasm.lowered.wasm");
const run = (tool, ...given) =>
  execFileSync(process.execPath, [here(`../node_modules/binaryen/bin/${tool}`), ...given], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });

// Instructions that the compiler uses and JavaScript cannot express.
const features = ["--mvp-features", "--enable-mutable-globals"];
const more = ["bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "sign-ext"].map(
  (name) => `--enable-${name}`,
);
const passes = ["llvm-memory-copy-fill", "llvm-nontrapping-fptoint", "signext"].map((name) => `--${name}-lowering`);
run("wasm-opt", bound, ...features, ...more, ...passes, "--strip-target-features", "-O3", "-o", lowered);
const text = run("wasm2js", lowered, ...features, "-O3");

/** Replaces a string in binaryen's output. Fails if the output lacks it. */
function replaced(text, from, to) {
  if (!text.includes(from)) throw new Error(`binaryen writes no ${from}`);
  return text.replace(from, to);
}

// binaryen writes an ES module that imports the glue. Here the glue passes its functions, as to any module.
const [whole] = text.replace(/^import .*$/gm, "").split("var retasmFunc");
const module = replaced(whole, "function asmFunc(", "export default function asmFunc(");
// Memory growth leaves the old buffer empty, as in WebAssembly. Views are created again, and no copy remains.
const grown = replaced(
  module,
  "buffer = newBuffer;",
  "structuredClone(buffer, { transfer: [buffer] });\n   buffer = newBuffer;",
);
const { code } = transformSync(grown, { minify: true, target: "es2022" });
writeFileSync(here("src/generated/js/module.js"), code);
writeFileSync(
  here("src/generated/js/module.d.ts"),
  "declare const module: (imports: object) => object;\nexport default module;\n",
);
