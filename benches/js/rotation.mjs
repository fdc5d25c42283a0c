/** Returns the values in turn, again and again, so that no call repeats the input of the last one. */
export function rotate(values) {
  let at = 0;
  return () => {
    const value = values[at];
    at = at + 1 === values.length ? 0 : at + 1;
    return value;
  };
}
