import type { Tools } from "./tools.js";

/** How long a claim waits for an objection, and how often one that lost claims again. */
const QUIET = 500;
const AGAIN = 700;

/**
 * One tab at a time, without `navigator.locks`. Who claims and hears no objection has it; who has it objects, and so does who claimed with
 * a smaller name. An objection is to one claim: the smallest name of all that claim at once hears none. A tab that was killed objects no more.
 */
export async function lease<T>(
  { random, VERSION }: Tools,
  name: string,
  work: (waited: boolean) => Promise<T>,
): Promise<T> {
  const channel = new BroadcastChannel(`${name} lease`);
  const me = random();
  let isMine = false;
  let lost = false;
  let freed = () => {};
  const say = (type: string, to?: string) => channel.postMessage({ v: VERSION, type, from: me, to });
  channel.onmessage = ({ data }) => {
    if (data?.v !== VERSION) return;
    const { type, from, to } = data;
    if (type === "claim" && (isMine || (claiming && me < from))) say("object", from);
    else if (type === "free") freed();
    else if (claiming && (to === me || (type === "claim" && from < me))) lost = true;
  };
  let claiming = false;
  try {
    for (let waited = false; ; waited = true) {
      lost = false;
      claiming = true;
      say("claim");
      await pause(QUIET);
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
