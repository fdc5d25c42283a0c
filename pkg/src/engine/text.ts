// Text codecs, created at first use: importing the package must not throw without them.
let encoder: TextEncoder | undefined;
let decoder: TextDecoder | undefined;

/** A string as UTF-8. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= new TextEncoder();
  return encoder.encode(text);
}

/** Writes a string into memory. Returns its length in bytes. */
export function encodeInto(text: string, into: Uint8Array): number {
  encoder ??= new TextEncoder();
  return encoder.encodeInto(text, into).written;
}

/** A string from UTF-8, with a byte-order mark. */
export function decode(bytes: Uint8Array): string {
  decoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
  return decoder.decode(bytes);
}
