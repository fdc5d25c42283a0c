// The module, for every entry that carries it: as text, which is compiled when the engine starts.
import { carry } from "./engine/engine.js";
import { instantiate } from "./engine/wasm.js";
import { singles, size, wasm } from "./generated/wasm_inline.js";

carry({ later: async () => instantiate(await WebAssembly.compile(inlined())) });

/** A common byte is one character of the text, any other two. */
function inlined(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !singles.includes(byte));
  const SINGLES = singles.length;
  // A character's place in printable ASCII without the quote and the backslash.
  const place = (at: number) => {
    const code = wasm.charCodeAt(at);
    return code - 32 - (code > 34 ? 1 : 0) - (code > 92 ? 1 : 0);
  };
  for (let at = 0, from = 0; at < size; at++) {
    const first = place(from++);
    bytes[at] = (first < SINGLES ? singles[first] : others[(first - SINGLES) * SINGLES + place(from++)]) ?? 0;
  }
  return bytes;
}
