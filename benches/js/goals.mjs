// The goals: one table, by row and by peer.

/** The least ratio beside a library, in Node and in Chromium and workerd. `undefined` means no goal. */
const atLeast = (node, elsewhere = 1) => ({
  node: node && { faster: node },
  elsewhere: { faster: elsewhere },
});

/** The greatest time beside a built-in function, in Node. Other runtimes show the ratio without a goal. */
const atMost = (node) => ({ node: { within: node } });

const wholeLogin = { oauth4webapi: atLeast(1.6, 1.2), "openid-client": atLeast(2.1, 1.2) };

const table = {
  start: {
    oauth4webapi: atLeast(8, 4),
    "openid-client": atLeast(undefined),
    "oidc-client-ts": atLeast(undefined),
  },
  challenge: { oauth4webapi: atLeast(10), "pkce-challenge": atLeast(undefined) },
  redirect: { oauth4webapi: atLeast(2.5) },
  redirect_id_token: { oauth4webapi: atLeast(undefined) },
  token_request: { oauth4webapi: atLeast(3) },
  redirect_and_token_request: { oauth4webapi: atLeast(4) },
  token_response: { oauth4webapi: atLeast(3) },
  token_response_fetched: { oauth4webapi: atLeast(undefined) },
  rs256: { jose: atLeast(1.25), "subtle.verify": atMost(1.3) },
  es256: { jose: atLeast(1.05), "subtle.verify": atMost(1.2) },
  login: wholeLogin,
  login_rs256: wholeLogin,
  cold_start: { "openid-client": atLeast(1) },
};

/** The goals of a row on a runtime, by peer. */
export function goalsOf(row, runtime) {
  const place = runtime === "node" ? "node" : "elsewhere";
  const goals = Object.entries(table[row] ?? {}).map(([peer, goal]) => [peer, goal[place]]);
  return Object.fromEntries(goals.filter(([, goal]) => goal));
}
