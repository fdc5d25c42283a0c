/** The entries of a table that were asked for by name; all, where none was named. */
export const picked = (table, only) =>
  Object.fromEntries(Object.entries(table).filter(([id]) => !only || only.includes(id)));
