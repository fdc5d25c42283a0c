/** Sixteen random bytes as a string. `crypto.randomUUID` is missing on insecure origins. */
export const random = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
