// The results as text.

/** Three digits that mean something. */
export const digits = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);

export const time = (microseconds) =>
  microseconds >= 1000 ? `${digits(microseconds / 1000)} ms` : `${digits(microseconds)} µs`;

/** What is wanted, in times the peer's speed or in times its time; then with what that came to. */
export function goalText({ faster, within }, median) {
  if (faster) return `≥ ${faster} ×`;
  return `≤ ${within} × its time${median ? ` (${digits(1 / median)})` : ""}`;
}

const spread = ({ low, high }) => `(${digits(low)}–${digits(high)})`;

export function runtimeTable(name, { version, rows }) {
  const lines = Object.values(rows).flatMap(({ title, microseconds, peers }) => [
    [title],
    ...peers.map((peer) => [
      `  than ${peer.name}${peer.floor ? " (no library)" : ""}`,
      time(microseconds.median),
      time(peer.microseconds.median),
      `${digits(peer.faster.median)} ×`,
      spread(peer.faster),
      peer.goal ? goalText(peer.goal, peer.faster.median) : "",
      peer.goal ? (peer.goal.met ? "met" : "not met") : "",
    ]),
  ]);
  return columns([[`${name} ${version}`, "ours", "peer", "faster", "(quartiles)", "goal", ""], ...lines]);
}

export function growthTable(growth) {
  const tables = Object.values(growth).map(({ title, unit, against, linear, memory, holds, points }) => {
    const lines = points.map(({ size, microseconds, peers: [peer], memory }) => [
      `  ${size} ${unit}`,
      time(microseconds.median),
      time(peer.microseconds.median),
      `${digits(peer.faster.median)} ×`,
      spread(peer.faster),
      `${digits(memory.input)} KB`,
      `${memory.before} → ${memory.after} KB`,
    ]);
    const exponents = `time ~ size^${digits(Math.max(linear.ours, 0))} (${against}: ^${digits(Math.max(linear.peer, 0))})`;
    const verdicts = [
      `time at most linear: ${linear.met ? "met" : "not met"}`,
      `memory too: ${memory.met ? "met" : "not met"}`,
      `the ratio does not fall: ${holds.met ? "met" : "not met"}`,
    ];
    const head = [`${title}`, "ours", against, "faster", "(quartiles)", "input", "memory"];
    return `${columns([head, ...lines])}\n  ${[exponents, ...verdicts].join("; ")}`;
  });
  return tables.join("\n\n");
}

/** The first column to the left, the others to the right; a line of one cell takes what it needs. */
function columns(lines) {
  const widths = [];
  for (const cells of lines.filter(({ length }) => length > 1))
    for (const [at, cell] of cells.entries()) widths[at] = Math.max(widths[at] ?? 0, [...cell].length);
  const pad = (cell, at) => {
    const space = " ".repeat(Math.max(0, widths[at] - [...cell].length));
    return at === 0 ? cell + space : space + cell;
  };
  return lines.map((cells) => (cells.length > 1 ? cells.map(pad).join("  ").trimEnd() : cells[0])).join("\n");
}
