/** The engine reads 1 MiB, and percent-encoding makes three bytes of one. */
const MOST = 1 << 18; // bytes

/** The form that a request posts. A form above the limit counts as empty. */
export async function formOf(request: Request): Promise<URLSearchParams> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MOST) return new URLSearchParams();
    text += decoder.decode(part, { stream: true });
  }
  return new URLSearchParams(text + decoder.decode());
}
