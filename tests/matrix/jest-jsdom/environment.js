// jsdom lacks fetch, WebCrypto and text codecs. This adds Node's.
const { TestEnvironment } = require("jest-environment-jsdom");

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    const names =
      "TextEncoder TextDecoder Request Response Headers ReadableStream WebAssembly AbortController AbortSignal Uint8Array ArrayBuffer structuredClone";
    for (const name of names.split(" ")) this.global[name] = globalThis[name];
    Object.defineProperty(this.global, "crypto", { value: globalThis.crypto });
  }
};
