// Draws the results as one SVG for docs/speed.md: the ratios on a logarithmic scale, and how cost grows.
import { digits, goalText, time } from "./table.mjs";

const WIDTH = 880;
const [LEFT, RIGHT] = [168, 604];
const ROW = 22;

const style = `
  text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: #1f2328; }
  .title { font-size: 20px; font-weight: 600; }
  .case { font-weight: 600; paint-order: stroke; stroke: #ffffff; stroke-width: 5; }
  .small { font-size: 13px; fill: #59636e; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .paper { fill: #ffffff; stroke: #d1d9e0; }
  .grid { stroke: #d1d9e0; }
  .one { stroke: #59636e; stroke-width: 1.5; }
  .peer { fill: #2f6fde; }
  .floor { fill: #9aa4af; }
  .whisker, .goal { stroke: #1f2328; stroke-width: 1.5; }
  .goal { stroke-width: 2.5; }
  .mark { fill: #ffffff; stroke: #1f2328; stroke-width: 1.5; }
  .ours { fill: none; stroke: #2f6fde; stroke-width: 2.5; }
  .theirs { fill: none; stroke: #59636e; stroke-width: 2; stroke-dasharray: 5 4; }
  .dot { fill: #2f6fde; }
  .theirdot { fill: #59636e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .case { stroke: #0d1117; }
    .small { fill: #9198a1; }
    .paper { fill: #0d1117; stroke: #3d444d; }
    .grid { stroke: #2a313a; }
    .one { stroke: #9198a1; }
    .peer { fill: #5b93f5; }
    .floor { fill: #656c76; }
    .whisker, .goal { stroke: #f0f6fc; }
    .mark { fill: #0d1117; stroke: #f0f6fc; }
    .ours { stroke: #5b93f5; }
    .theirs { stroke: #9198a1; }
    .dot { fill: #5b93f5; }
    .theirdot { fill: #9198a1; }
  }`;

const escaped = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x, y, content, kind = "") => `<text x="${x}" y="${y}" class="${kind}">${escaped(content)}</text>`;
const line = (x1, y1, x2, y2, kind) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${kind}"/>`;
const fixed = (value) => Number(value.toFixed(1));

/** A logarithmic axis between two pixels. */
function logarithmic([from, to], [left, right]) {
  const scale = (right - left) / Math.log(to / from);
  return (value) => fixed(left + scale * Math.log(Math.min(Math.max(value, from), to) / from));
}

/** The other runtimes. Each has a mark on Node's bar. */
const marks = {
  chromium: (x, y) => `<circle cx="${x}" cy="${y}" r="5" class="mark"/>`,
  workerd: (x, y) => `<path d="M${x} ${y - 6}l6 6-6 6-6-6z" class="mark"/>`,
};
/** A second Node. */
const square = (x, y) => `<rect x="${x - 4.5}" y="${y - 4.5}" width="9" height="9" class="mark"/>`;
const markOf = (runtime) => marks[runtime] ?? square;

export function picture(results) {
  const { node, ...others } = results.runtimes;
  const parts = [];
  let y = 34;
  parts.push(text(24, y, "oidc-wasm beside JavaScript libraries of the same job", "title"));
  y += 24;
  parts.push(
    text(
      24,
      y,
      "How many times faster: the peer’s time divided by ours, both taken in turns in the same run.",
      "small",
    ),
  );
  y += 28;
  parts.push(legend(y, others));
  y += 22;

  const scale = scaleOf(results.runtimes);
  const plot = bars(node.rows, others, scale, y + 22);
  parts.push(axis(scale, y + 14, plot.bottom), plot.svg);
  y = plot.bottom + 64;

  const grown = Object.values(results.growth);
  if (grown.length) {
    parts.push(text(24, y, "How cost grows, in Node", "title"));
    y += 22;
    parts.push(
      text(24, y, "Time for one call against the size of what comes in, both logarithmic. Dashed: the peer.", "small"),
    );
    y += 12;
    for (const [at, one] of grown.entries()) parts.push(panel(one, 24 + (at % 2) * 424, y + Math.floor(at / 2) * 216));
    y += Math.ceil(grown.length / 2) * 216 + 12;
  }
  for (const sentence of caption(results)) {
    parts.push(text(24, y, sentence, "small"));
    y += 20;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-labelledby="title desc">
<title id="title">Speed of oidc-wasm beside JavaScript libraries</title>
<desc id="desc">${escaped(description(results))}</desc>
<style>${style}
</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${y - 1}" rx="8" class="paper"/>
${parts.join("\n")}
</svg>
`;
}

function legend(y, others) {
  const items = [
    [`<rect x="0" y="-11" width="22" height="12" class="peer"/>`, 28, "a library, in Node"],
    [`<rect x="0" y="-11" width="22" height="12" class="floor"/>`, 28, "what libraries are built on"],
    [line(4, -13, 4, 3, "goal"), 12, "goal"],
    ...Object.entries(others).map(([id, { title, version }]) => [
      markOf(id)(6, -5),
      18,
      marks[id] ? title : `${title} ${version}`,
    ]),
  ];
  let x = 24;
  return items
    .map(([shape, room, label]) => {
      const item = `<g transform="translate(${x} ${y})">${shape}${text(room, 0, label, "small")}</g>`;
      x += room + label.length * 6.7 + 22;
      return item;
    })
    .join("\n");
}

/** The powers of two around all values. */
function scaleOf(runtimes) {
  const peers = Object.values(runtimes).flatMap(({ rows }) => Object.values(rows).flatMap(({ peers }) => peers));
  const values = peers
    .flatMap(({ faster, goal }) => [faster.low, faster.high, goal?.faster ?? 1])
    .filter((value) => value > 0);
  const from = 2 ** Math.max(-6, Math.floor(Math.log2(Math.min(...values))));
  const to = 2 ** Math.min(8, Math.ceil(Math.log2(Math.max(...values))));
  return { from, to, x: logarithmic([from, to], [LEFT, RIGHT]) };
}

function axis({ from, to, x }, top, bottom) {
  const ticks = [];
  for (let value = from; value <= to; value *= 2) {
    const label = value < 1 ? `1/${1 / value}` : `${value} ×`;
    ticks.push(line(x(value), top, x(value), bottom, value === 1 ? "one" : "grid"));
    ticks.push(text(x(value), bottom + 18, label, "small middle"));
  }
  return [...ticks, text(x(1) - 8, top, "slower", "small end"), text(x(1) + 8, top, "faster", "small")].join("\n");
}

function bars(rows, others, scale, top) {
  const svg = [];
  let y = top;
  for (const [id, { title, peers }] of Object.entries(rows)) {
    y += 20;
    svg.push(text(24, y, title, "case"));
    y += 6;
    for (const peer of peers) {
      svg.push(
        bar(
          peer,
          Object.entries(others).map(([name, { rows }]) => [name, same(rows[id], peer.name)]),
          scale,
          y,
        ),
      );
      y += ROW;
    }
    y += 6;
  }
  return { svg: svg.join("\n"), bottom: y };
}

const same = (row, name) => row?.peers.find((peer) => peer.name === name);

function bar({ name, floor, faster, goal }, others, { x }, y) {
  const middle = y + ROW / 2;
  const [from, to] = [x(1), x(faster.median)].sort((a, b) => a - b);
  const parts = [
    text(LEFT - 10, middle + 5, name, "end"),
    `<rect x="${from}" y="${y + 4}" width="${fixed(Math.max(to - from, 1))}" height="${ROW - 8}" class="${floor ? "floor" : "peer"}"/>`,
    line(x(faster.low), middle, x(faster.high), middle, "whisker"),
  ];
  if (goal) {
    const at = x(goal.faster ?? 1 / goal.within);
    parts.push(line(at, y + 1, at, y + ROW - 1, "goal"));
  }
  for (const [runtime, peer] of others) if (peer) parts.push(markOf(runtime)(x(peer.faster.median), middle));
  parts.push(text(RIGHT + 76, middle + 5, `${digits(faster.median)} ×`, "end"));
  if (goal) parts.push(text(RIGHT + 86, middle + 5, `${goal.met ? "✓" : "✗"} goal ${goalText(goal)}`, "small"));
  return parts.join("");
}

function panel({ title, unit, against, points, linear }, x, y) {
  const [left, right, top, bottom] = [x + 62, x + 312, y + 40, y + 168];
  const sizes = points.map(({ size }) => size);
  const ours = points.map(({ microseconds }) => microseconds.median);
  const theirs = points.map(({ peers: [peer] }) => peer.microseconds.median);
  const all = [...ours, ...theirs];
  const [low, high] = [10 ** Math.floor(Math.log10(Math.min(...all))), 10 ** Math.ceil(Math.log10(Math.max(...all)))];
  const across = logarithmic([sizes[0], sizes.at(-1)], [left, right]);
  const up = logarithmic([low, high], [bottom, top]);
  const path = (values) => values.map((value, at) => `${at ? "L" : "M"}${across(sizes[at])} ${up(value)}`).join("");
  const dots = (values, kind) =>
    values.map((value, at) => `<circle cx="${across(sizes[at])}" cy="${up(value)}" r="3" class="${kind}"/>`).join("");
  const { memory } = points.at(-1);
  const parts = [text(x, y + 24, title, "case")];
  for (let value = low; value <= high; value *= 10) {
    parts.push(
      line(left, up(value), right, up(value), "grid"),
      text(left - 8, up(value) + 4, plainTime(value), "small end"),
    );
  }
  const shown = sizes.length > 6 ? sizes.filter((_, at) => at % 2 === 0) : sizes;
  for (const size of shown) parts.push(text(across(size), bottom + 18, size, "small middle"));
  parts.push(
    text((left + right) / 2, bottom + 36, `${unit}; memory ${memory.before} → ${memory.after} KB`, "small middle"),
  );
  parts.push(`<path d="${path(theirs)}" class="theirs"/>${dots(theirs, "theirdot")}`);
  parts.push(`<path d="${path(ours)}" class="ours"/>${dots(ours, "dot")}`);
  // The names at the ends of the lines, moved apart.
  const ends = [up(ours.at(-1)), up(theirs.at(-1))];
  const apart = Math.max(0, 16 - Math.abs(ends[0] - ends[1])) / 2;
  const sign = ends[0] < ends[1] ? 1 : -1;
  parts.push(text(right + 10, ends[0] - sign * apart + 5, `ours, ^${digits(Math.max(linear.ours, 0))}`, ""));
  parts.push(text(right + 10, ends[1] + sign * apart + 5, against, "small"));
  return parts.join("\n");
}

const plainTime = (microseconds) => (microseconds >= 1000 ? `${microseconds / 1000} ms` : `${microseconds} µs`);

function caption({ recorded, machine, versions, runtimes }) {
  const engines = Object.values(runtimes).map(({ title, version }) => `${title} ${version}`);
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "Bars are medians, the line on each the middle half of the rounds. ^1 is linear growth; memory is the module’s, for the largest.",
    "cargo xtask bench measures the same on your machine.",
    `Recorded ${recorded} · ${engines.join(" · ")} · ${machine}`,
    peers.join(" · "),
  ];
}

function description({ runtimes: { node } }) {
  const sentences = Object.values(node.rows).map(({ title, microseconds, peers }) => {
    const ratios = peers.map(({ name, faster }) => `${digits(faster.median)} times the speed of ${name}`);
    return `${title}: ${time(microseconds.median)}, ${ratios.join(", ")}.`;
  });
  return `In Node. ${sentences.join(" ")}`;
}
