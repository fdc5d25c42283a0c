/** The entries of a table with these names, or all of them without a name. */
export const picked = (table, only) =>
  Object.fromEntries(Object.entries(table).filter(([id]) => !only || only.includes(id)));
