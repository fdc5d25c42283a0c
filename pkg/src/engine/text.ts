// Text codecs that are made when they are first needed: importing the package must not throw where they are missing.
let encoder: TextEncoder | undefined;
let decoder: TextDecoder | undefined;

/** Text as UTF-8. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= new TextEncoder();
  return encoder.encode(text);
}

/** Text into memory; how many bytes it took. */
export function encodeInto(text: string, into: Uint8Array): number {
  encoder ??= new TextEncoder();
  return encoder.encodeInto(text, into).written;
}

/** Text of UTF-8, a byte-order mark included. */
export function decode(bytes: Uint8Array): string {
  decoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
  return decoder.decode(bytes);
}
