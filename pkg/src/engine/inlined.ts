/** A module as text, as the build tool writes it. */
export interface Inlined {
  /** The commonest bytes. */
  readonly singles: readonly number[];
  /** Bytes of the module. */
  readonly size: number;
  readonly wasm: string;
}

/** A common byte is one character of the text, any other two. */
export function inlined({ singles, size, wasm }: Inlined): Uint8Array<ArrayBuffer> {
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
