// Text codecs that are made when they are first needed: importing the package must not throw where they are missing.

/** A TextEncoder. */
export class Encoder {
  #made: TextEncoder | undefined;

  encode(text: string): Uint8Array<ArrayBuffer> {
    this.#made ??= new TextEncoder();
    return this.#made.encode(text);
  }

  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    this.#made ??= new TextEncoder();
    return this.#made.encodeInto(text, into);
  }
}

/** A TextDecoder. */
export class Decoder {
  readonly #options: ConstructorParameters<typeof TextDecoder>;
  #made: TextDecoder | undefined;

  constructor(...options: ConstructorParameters<typeof TextDecoder>) {
    this.#options = options;
  }

  decode(bytes?: Uint8Array): string {
    if (!bytes) return "";
    this.#made ??= new TextDecoder(...this.#options);
    return this.#made.decode(bytes);
  }
}
