import { type Detail, OidcError, wrongArgument } from "./error.js";
import instantiate, { initSync, reply as read, step } from "./generated/oidc_wasm.js";
import type { Reply } from "./http.js";
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
  // Not left to the glue, which would load all of Node's `fetch` to learn that this is no response.
  if (module_or_path instanceof WebAssembly.Module) return startNow(module_or_path);
  // Node takes no DataView.
  const isView = module_or_path instanceof DataView;
  await instantiate({ module_or_path: isView ? bytesOf(module_or_path) : module_or_path });
  ready = true;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: DataView) => new Uint8Array(buffer, byteOffset, byteLength);

/** Instantiates a module that is compiled already. */
export function startNow(module: WebAssembly.Module): void {
  initSync({ module });
  ready = true;
}

/** A step that needs no party has none. */
export const NOBODY = 0;
const NOTHING = new Uint8Array();

/** One step with what the host gives. What comes back is described at the step's name. */
export function ask<T = string>(
  number: number,
  party: number,
  args: Uint8Array = NOTHING,
  token: Uint8Array = NOTHING,
  kind = 0,
): T {
  return guarded((answer) => step(number, party, kind, args, token, answer)) as T;
}

/** One step with what a server answered. */
export function judge(
  number: number,
  party: number,
  { status, headers, body }: Reply,
  args: Uint8Array = NOTHING,
): string {
  return guarded((answer) => read(number, party, args, status, headers, body, answer)) as string;
}

/** A refusal comes back as text. What is thrown is a defect that may have left memory half-written, so the engine never answers again. */
function guarded(work: (answer: unknown[]) => void): unknown {
  if (!ready) throw new OidcError("not_initialized");
  if (broken) throw new OidcError("internal", {}, broken);
  const place: unknown[] = [];
  try {
    work(place);
  } catch (cause) {
    broken = { cause };
    throw new OidcError("internal", {}, broken);
  }
  const [answer] = place;
  if (typeof answer === "string" && answer.startsWith("!")) {
    // The provider's JSON in it may have more lines.
    const end = answer.indexOf("\n");
    throw new OidcError(Number(answer.slice(1, end)), JSON.parse(answer.slice(end)) as Detail);
  }
  return answer;
}
