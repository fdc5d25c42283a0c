import type { Sealed } from "./seal.js";
import { type Rank, VERSION } from "./session.js";

/** Messages to all tabs of a session. None is secret. */
export type Message =
  /** Asks who has a newer session. `mine`: the age of the asking tab's one. */
  | { type: "who"; mine: Rank | undefined }
  /** The age of this tab's session. */
  | ({ type: "stands" } & Rank)
  /** A session has ended. */
  | { type: "over"; id: string; why: "expired" | "signed_out" }
  /** Asks for a newer session. The answer is encrypted with the key. */
  | { type: "ask"; question: string; key: ArrayBuffer | undefined; mine: Rank | undefined }
  | { type: "answer"; question: string; sealed: Sealed };

/** Other windows and tabs of this origin. */
export class Tabs<M extends object = Message> {
  readonly #channel: BroadcastChannel | undefined;

  constructor(name: string, hear: (message: M) => void) {
    try {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = ({ data }) => {
        if (data?.v === VERSION) hear(data);
      };
    } catch {
      // A page without BroadcastChannel, or in a sandbox, has no other tabs.
    }
  }

  say(message: M): void {
    try {
      this.#channel?.postMessage({ v: VERSION, ...message });
    } catch {
      // The channel is closed.
    }
  }

  close(): void {
    this.#channel?.close();
  }
}
