import { random } from "./random.js";
import { createReader, type Sealed, seal } from "./seal.js";
import { isNewer, type Rank, read, type Session, VERSION } from "./session.js";

/** Messages to all tabs of a session. None is secret. */
export type Notice =
  /** The age of this tab's session. */
  | ({ type: "stands" } & Rank)
  /** A session has ended. */
  | { type: "over"; id: string; why: "expired" | "signed_out" }
  /** This window has the answer to a login of another window. */
  | { type: "arrived"; state: string; address: string }
  | { type: "taken"; state: string };

type Message =
  | Notice
  | { type: "ask"; question: string; key: ArrayBuffer | undefined; mine: Rank | undefined }
  | { type: "answer"; question: string; sealed: Sealed };

/** The methods of this tab. */
export interface Tab {
  session(): Session | undefined;
  /** The reason if this tab has ended that session. */
  ended(id: string): "expired" | "signed_out" | undefined;
  heard(notice: Notice): void;
  received(session: Session): void;
}

const GLANCE = 5_000;

/** The other tabs of a session. Tokens go only to a tab that asks. */
export class Tabs {
  readonly #channel: BroadcastChannel | undefined;
  readonly #tab: Tab;
  readonly #questions = new Map<string, (sealed: Sealed) => Promise<void>>();

  constructor(name: string, tab: Tab) {
    this.#tab = tab;
    try {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = ({ data }) => {
        if (data?.v === VERSION) this.#hear(data).catch(() => {});
      };
    } catch {
      // A page without BroadcastChannel, or in a sandbox, has no other tabs.
    }
  }

  tell(notice: Notice): void {
    this.#say(notice);
  }

  /** Asks for a newer session. A late answer is received too. */
  async ask(patience: number): Promise<void> {
    if (!this.#channel) return;
    const [question, reader] = [random(), await createReader()];
    await new Promise<void>((done) => {
      this.#questions.set(question, async (sealed) => {
        const session = read(await reader.open(sealed));
        if (session) this.#tab.received(session);
        done();
      });
      const { id, since, turn } = this.#tab.session() ?? {};
      const mine = id === undefined ? undefined : ({ id, since, turn } as Rank);
      this.#say({ type: "ask", question, key: reader.key, mine });
      setTimeout(done, patience);
      setTimeout(() => this.#questions.delete(question), patience + GLANCE);
    });
  }

  close(): void {
    this.#channel?.close();
  }

  #say(message: Message): void {
    try {
      this.#channel?.postMessage({ v: VERSION, ...message });
    } catch {
      // The channel is closed.
    }
  }

  async #hear(message: Message): Promise<void> {
    if (message.type === "answer") return this.#questions.get(message.question)?.(message.sealed);
    if (message.type !== "ask") return this.#tab.heard(message);
    const { question, key, mine } = message;
    const why = mine && this.#tab.ended(mine.id);
    if (mine && why) this.#say({ type: "over", id: mine.id, why });
    const session = this.#tab.session();
    if (!session || !isNewer(session, mine)) return;
    const sealed = await seal(JSON.stringify(session), key);
    if (sealed) this.#say({ type: "answer", question, sealed });
  }
}
