/** The progress of the run: one changing line on a terminal, a line for each piece of work on a pipe. */
export function createProgress(pieces) {
  const start = Date.now();
  let begun = 0;
  let current;
  const write = (text) => {
    const live = process.stderr.isTTY;
    if (live) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    else process.stderr.write(`${text}\n`);
  };
  return {
    /** For one part of the run: reports the present piece and the progress in it (0 to 1). */
    of:
      (where) =>
      ({ title, part }) => {
        const piece = `${where}: ${title}`;
        const isNew = piece !== current;
        if (isNew) begun++;
        current = piece;
        if (!isNew && !process.stderr.isTTY) return;
        const whole = Math.min((begun - 1 + part) / pieces, 1);
        const bar = "█".repeat(Math.round(whole * 20)).padEnd(20, "░");
        const seconds = Math.round((Date.now() - start) / 1000);
        write(`${bar} ${String(Math.floor(whole * 100)).padStart(3)} %  ${seconds} s  ${piece}`);
      },
    end() {
      if (process.stderr.isTTY) write("");
    },
  };
}
