const PATIENCE = 10_000;

/** Opens an address in a hidden frame until its answer is here. Nothing where none comes: the provider may refuse to be framed. */
export async function inFrame(url: string, arrival: Promise<string>): Promise<string | undefined> {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = url;
  document.body.append(frame);
  try {
    return await Promise.race([arrival, new Promise<undefined>((done) => setTimeout(done, PATIENCE))]);
  } finally {
    frame.remove();
  }
}

/** Whether cookies of the provider reach a frame in any browser: by the last two labels of the hosts, which is a guess on the safe side. */
export function isSameSite(provider: string): boolean {
  const site = (host: string) => (/^[\d.]+$|:/.test(host) ? host : host.split(".").slice(-2).join("."));
  return site(new URL(provider).hostname) === site(location.hostname);
}
