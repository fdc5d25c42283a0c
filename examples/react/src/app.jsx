import { SignedIn, useAuth } from "oidc-wasm/react";
import { useEffect, useState } from "react";
import { NavLink, Route, Routes } from "react-router";
import { ordersApi, stockApi } from "./auth.js";

export function App() {
  const { status, user, problem, signIn, signOut } = useAuth();
  return (
    <>
      <nav>
        <NavLink to="/">Home</NavLink>
        <NavLink to="/orders">Orders</NavLink>
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
      <main>
        {problem && <p role="alert">{problem.message}</p>}
        <Routes>
          <Route
            path="/orders"
            element={
              <SignedIn fallback={<p role="status">One moment…</p>}>
                <Orders />
              </SignedIn>
            }
          />
          <Route path="*" element={<Home />} />
        </Routes>
      </main>
    </>
  );
}

function Home() {
  return (
    <>
      <title>Lamps</title>
      <h1>Lamps</h1>
      <p>The orders are for people who are signed in.</p>
    </>
  );
}

function Orders() {
  const orders = useApi(ordersApi);
  const stock = useApi(stockApi);
  return (
    <>
      <title>Orders</title>
      <h1>Orders</h1>
      <p role="status">{orders}</p>
      <p role="status">{stock}</p>
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
