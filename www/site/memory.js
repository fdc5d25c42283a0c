// @ts-check
/**
 * What has to survive the trips to the provider. Session storage belongs to one tab and ends with it.
 * @typedef {{ url: string, status: number, milliseconds: number, metadata: import("oidc-wasm/full").ProviderMetadata }} Discovered
 * @typedef {{ url: string, state: string, transaction: string, asked: import("./asked.js").Asked, discovered: Discovered }} Pending a login that has left for the provider
 * @typedef {{ url: string, state: string }} Leaving a sign-out that has left for the provider
 */
const pendingKey = "pending login";
const leavingKey = "pending sign-out";
const answeredKey = "answered states";
const signedInKey = "signed in";

/** @param {string} key */
function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} key @param {unknown} value */
const write = (key, value) => sessionStorage.setItem(key, JSON.stringify(value));

export const memory = {
  /** @param {Pending} pending */
  keepLogin: (pending) => write(pendingKey, pending),
  /** @returns {Pending | null} */
  pendingLogin: () => read(pendingKey),
  /** A transaction is used once: it is gone before the code is sent anywhere. @param {string} state */
  answerLogin(state) {
    sessionStorage.removeItem(pendingKey);
    write(answeredKey, [state, ...(read(answeredKey) ?? [])].slice(0, 8));
  },
  /** @param {string | null} state */
  wasAnswered: (state) => state !== null && (read(answeredKey) ?? []).includes(state),

  /** @param {Leaving} leaving */
  keepSignOut: (leaving) => write(leavingKey, leaving),
  /** @returns {Leaving | null} */
  takeSignOut() {
    const leaving = read(leavingKey);
    sessionStorage.removeItem(leavingKey);
    return leaving;
  },

  /** Whether this tab was signed in before the reload. @param {boolean} yes */
  markSignedIn: (yes) => (yes ? write(signedInKey, true) : sessionStorage.removeItem(signedInKey)),
  wasSignedIn: () => read(signedInKey) === true,
};
