/** oidc-provider's storage, in memory only (its own default store prints a warning). */
export function createStore() {
  const entries = new Map();
  const uids = new Map();
  const userCodes = new Map();
  const grants = new Map();

  return (model) => {
    const key = (id) => `${model}:${id}`;
    const read = (name) => {
      const entry = entries.get(name);
      if (!entry || entry.expires > Date.now()) return entry?.payload;
      entries.delete(name);
      return undefined;
    };
    return {
      upsert(id, payload, expiresIn) {
        entries.set(key(id), {
          payload,
          expires: expiresIn ? Date.now() + expiresIn * 1000 : Number.POSITIVE_INFINITY,
        });
        if (payload.uid) uids.set(payload.uid, id);
        if (payload.userCode) userCodes.set(payload.userCode, id);
        if (payload.grantId) grants.set(payload.grantId, (grants.get(payload.grantId) ?? new Set()).add(key(id)));
      },
      find: (id) => read(key(id)),
      findByUid: (uid) => read(key(uids.get(uid))),
      findByUserCode: (userCode) => read(key(userCodes.get(userCode))),
      consume(id) {
        const payload = read(key(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: (id) => {
        entries.delete(key(id));
      },
      revokeByGrantId(grantId) {
        for (const name of grants.get(grantId) ?? []) entries.delete(name);
        grants.delete(grantId);
      },
    };
  };
}
