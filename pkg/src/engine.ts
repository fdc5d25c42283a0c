import { OidcError, wrongArgument } from "./error.js";
import instantiate, { initSync } from "./generated/oidc_wasm.js";
import type { WasmSource } from "./types.js";

// By name, because a module or a buffer may come from another realm.
const SOURCE = /(String|URL|Response|Module|\wArray|ArrayBuffer|DataView)]$/;

let ready = false;
let broken: { cause: unknown } | undefined;
let starting: Promise<void> | undefined;

/** Instantiates the module, once; after a failure it may be tried again. */
export function start(source: () => WasmSource | Promise<WasmSource>): Promise<void> {
  starting ??= load(source).catch((cause) => {
    starting = undefined;
    throw cause instanceof OidcError ? cause : new OidcError("init.failed", {}, { cause });
  });
  return starting;
}

async function load(source: () => WasmSource | Promise<WasmSource>): Promise<void> {
  const module_or_path = await source();
  if (!SOURCE.test(Object.prototype.toString.call(module_or_path)))
    throw wrongArgument("source", "a module, its bytes, a response, or an address");
  await instantiate({ module_or_path });
  ready = true;
}

/** Instantiates a module that is compiled already. */
export function startNow(module: WebAssembly.Module): void {
  initSync({ module });
  ready = true;
}

/** One step in the engine. A string thrown is a verdict; anything else is a defect that may have left memory half-written, so the engine never answers again. */
export function call<T>(step: () => T): T {
  if (!ready) throw new OidcError("not_initialized");
  if (broken) throw new OidcError("internal", {}, broken);
  try {
    return step();
  } catch (thrown) {
    if (typeof thrown === "string") {
      const [rule, detail = "{}"] = thrown.split("\n");
      throw new OidcError(Number(rule), JSON.parse(detail));
    }
    broken = { cause: thrown };
    throw new OidcError("internal", {}, broken);
  }
}

// A broken engine's objects are kept for good: the glue would give those that are collected back to it.
const wreckage: object[] = [];

function free(object: { free(): void }): void {
  if (broken) {
    wreckage.push(object);
    return;
  }
  try {
    object.free();
  } catch (cause) {
    broken = { cause };
  }
}

const owners = typeof FinalizationRegistry === "function" ? new FinalizationRegistry(free) : undefined;

/** Owns an object in the engine's memory, which comes back when the owner is released or collected. */
export class Owned<T extends { free(): void }> {
  object: T | undefined;

  constructor(object: T) {
    this.object = object;
    owners?.register(this, object, this);
  }

  /** The object, to be given back by whoever takes it. */
  take(): T | undefined {
    const { object } = this;
    this.object = undefined;
    owners?.unregister(this);
    return object;
  }

  release(): void {
    const object = this.take();
    if (object) free(object);
  }
}
