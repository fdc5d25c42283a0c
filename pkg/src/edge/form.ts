/** As much as the engine takes of any answer. */
const MOST = 1 << 20; // bytes

/** The form that a request posts; an empty one in place of what is too large for any provider's answer. */
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
