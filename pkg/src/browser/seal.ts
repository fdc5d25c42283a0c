const CURVE = { name: "ECDH", namedCurve: "P-256" };
// Created at the call, because importing must not throw without TextEncoder.
const utf8 = { encode: (text: string) => new TextEncoder().encode(text) };

/** A string for one reader. Plain without `crypto.subtle`. */
export interface Sealed {
  key?: ArrayBuffer;
  iv?: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer | string;
}

/** A question has its own key, so only the asking tab can read the answer. */
export async function createReader(): Promise<{ key: ArrayBuffer | undefined; open(sealed: Sealed): Promise<string> }> {
  const { subtle } = crypto;
  if (!subtle) return { key: undefined, open: async ({ data }) => `${data}` };
  const { privateKey, publicKey } = await subtle.generateKey(CURVE, false, ["deriveKey"]);
  return {
    key: await subtle.exportKey("raw", publicKey),
    async open({ key = new ArrayBuffer(), iv = new Uint8Array(), data }) {
      const bytes = await subtle.decrypt({ name: "AES-GCM", iv }, await shared(privateKey, key), data as ArrayBuffer);
      return new TextDecoder().decode(bytes);
    },
  };
}

/** Encrypts with the key of a question. Undefined if the question lacks a required key. */
export async function seal(text: string, reader: ArrayBuffer | undefined): Promise<Sealed | undefined> {
  const { subtle } = crypto;
  if (!subtle) return { data: text };
  if (!reader) return undefined;
  const { privateKey, publicKey } = await subtle.generateKey(CURVE, false, ["deriveKey"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await subtle.encrypt({ name: "AES-GCM", iv }, await shared(privateKey, reader), utf8.encode(text));
  return { key: await subtle.exportKey("raw", publicKey), iv, data };
}

async function shared(privateKey: CryptoKey, raw: ArrayBuffer): Promise<CryptoKey> {
  const { subtle } = crypto;
  const reader = await subtle.importKey("raw", raw, CURVE, false, []);
  const cipher = { name: "AES-GCM", length: 256 };
  return subtle.deriveKey({ name: "ECDH", public: reader }, privateKey, cipher, false, ["encrypt", "decrypt"]);
}
