/** Hands out the values one after the other, again and again: nobody is asked the same thing twice in a row. */
export function rotate(values) {
  let at = 0;
  return () => {
    const value = values[at];
    at = at + 1 === values.length ? 0 : at + 1;
    return value;
  };
}
