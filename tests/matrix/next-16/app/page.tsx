import { headers } from "next/headers";
import { home, login } from "../auth.js";

export const runtime = "edge";

export default async function Page() {
  const session = await login.session(new Request(home, { headers: await headers() }));
  return <p>Hello, {session?.claims.sub}</p>;
}
