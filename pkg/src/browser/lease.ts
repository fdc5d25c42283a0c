import type { random } from "./random.js";
import type { VERSION } from "./session.js";

/** Milliseconds that a claim waits for an objection, and that a rejected claim waits before the next. */
const QUIET = 500;
const AGAIN = 700;

let last: Promise<unknown> = Promise.resolve();

/**
 * One tab at a time, without `navigator.locks`. A tab sends a claim under a random name, and gets the lease if no tab objects. The holder
 * objects, and so does a waiting claim with a smaller name. So the smallest name wins. A closed tab does not object, so its lease ends.
 */
export async function lease<T>(
  { random: named, VERSION: v }: { random: typeof random; VERSION: typeof VERSION },
  name: string,
  work: (waited: boolean) => Promise<T>,
): Promise<T> {
  let channel: BroadcastChannel;
  try {
    channel = new BroadcastChannel(`${name} lease`);
  } catch {
    // Such a page has no other tabs. Its calls run one after the other.
    const turn = last.then(() => work(false));
    last = turn.catch(() => {});
    return turn;
  }
  const me = named();
  let isMine = false;
  let lost = false;
  let freed = () => {};
  const say = (type: string, to?: string) => channel.postMessage({ v, type, from: me, to });
  channel.onmessage = ({ data }) => {
    if (data?.v !== v) return;
    const { type, from, to } = data;
    if (type === "claim" && (isMine || (claiming && me < from))) say("object", from);
    else if (type === "free") freed();
    else if (to === me || (type === "claim" && from < me)) lost = true;
  };
  let claiming = false;
  try {
    for (let waited = false; ; waited = true) {
      lost = false;
      claiming = true;
      say("claim");
      await pause(QUIET);
      // In a page that stood still, objections may wait behind the timer.
      await pause(0);
      claiming = false;
      if (!lost) {
        isMine = true;
        return await work(waited);
      }
      await Promise.race([
        pause(AGAIN),
        new Promise<void>((done) => {
          freed = done;
        }),
      ]);
    }
  } finally {
    say("free");
    channel.close();
  }
}

const pause = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));
