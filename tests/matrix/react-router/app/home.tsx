import { sessionContext } from "./session";

export const loader = ({ context }) => ({ name: context.get(sessionContext).claims.sub });

export default function Home({ loaderData }) {
  return <p>Hello, {loaderData.name}</p>;
}
