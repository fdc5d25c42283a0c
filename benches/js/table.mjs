// Prints the results as a table.

/** Three significant digits. */
export const digits = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);

export const time = (microseconds) =>
  microseconds >= 1000 ? `${digits(microseconds / 1000)} ms` : `${digits(microseconds)} µs`;

/** A goal in short form for the picture and the table: a ratio of speed or of time. */
export const goalText = ({ faster, within }) => (faster ? `≥ ${faster} ×` : `≤ ${within} × its time`);

/** A goal in words. If it is a ratio of time, the measured ratio follows. */
const required = ({ faster, within }, median) =>
  faster ? `at least ${faster}` : `at most ${within} × its time: ${digits(1 / median)}`;

const spread = ({ low, high }) => `(${digits(low)}–${digits(high)})`;

/** `clock` is the name of the counting clock. A row with wall times too shows that ratio beside. */
export function runtimeTable(name, { version, clock, rows }) {
  const all = Object.entries(rows);
  const hasWall = all.some(([, { wall }]) => wall);
  const lines = all.flatMap(([id, { title, includes, microseconds, peers, wall }]) => [
    [""],
    [`${title}  [${id}]`],
    [`  ${includes}`],
    ...peers.map((peer, at) => [
      `  beside ${peer.name}${peer.floor ? " (no library)" : ""}`,
      time(microseconds.median),
      time(peer.microseconds.median),
      `${digits(peer.faster.median)} ×`,
      spread(peer.faster),
      ...(hasWall ? [wall ? `${digits(wall.peers[at].faster.median)} ×` : ""] : []),
      peer.goal ? required(peer.goal, peer.faster.median) : "",
      peer.goal ? (peer.goal.met ? "met" : "MISSED") : "",
    ]),
  ]);
  const wallHead = hasWall ? ["by the wall"] : [];
  const head = [`${name} ${version}, ${clock}`, "ours", "peer", "faster", "(quartiles)", ...wallHead, "required", ""];
  return columns([head, ...lines]);
}

/** One line for each missed goal. */
export const missedIn = ({ title, version, rows }) =>
  Object.entries(rows).flatMap(([id, { peers }]) =>
    peers
      .filter(({ goal }) => goal && !goal.met)
      .map(
        ({ name, faster, goal }) =>
          `${title} ${version}: ${id} beside ${name}: ${digits(faster.median)} ×, required ${required(goal, faster.median)}`,
      ),
  );

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

/** Aligns the first column left and the others right. A line with one cell has no columns. */
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
