import { SignedIn, useAuth } from "oidc-wasm/react";
import { useEffect, useState } from "react";
import { Link, Route, Routes } from "react-router";
import { ordersApi, stockApi } from "./auth.js";

export function App() {
  const { status, user, problem, signIn, signOut } = useAuth();
  return (
    <>
      <nav>
        <Link to="/">Home</Link> <Link to="/orders">Orders</Link>{" "}
        {status === "signed_in" && (
          <button type="button" onClick={() => signOut({ postLogoutRedirectUri: `${location.origin}/` })}>
            Sign out {user.sub}
          </button>
        )}
        {status === "signed_out" && (
          <button type="button" onClick={() => signIn().catch(() => {})}>
            Sign in
          </button>
        )}
      </nav>
      {problem && <p role="alert">{problem.message}</p>}
      <Routes>
        <Route path="/orders" element={<SignedIn fallback={<p>One moment…</p>}>{<Orders />}</SignedIn>} />
        <Route path="*" element={<h1>Home</h1>} />
      </Routes>
    </>
  );
}

function Orders() {
  const orders = useApi(ordersApi);
  const stock = useApi(stockApi);
  return (
    <>
      <h1>Orders</h1>
      <p id="orders">{orders}</p>
      <p id="stock">{stock}</p>
    </>
  );
}

/** What an API says to this person. */
function useApi(address) {
  const { fetch } = useAuth();
  const [text, setText] = useState("…");
  useEffect(() => {
    const stopper = new AbortController();
    fetch(address, { signal: stopper.signal })
      .then((reply) => (reply.ok ? reply.text() : `It answered ${reply.status}.`))
      .then(setText, (error) => stopper.signal.aborted || setText(error.message));
    return () => stopper.abort();
  }, [address, fetch]);
  return text;
}
