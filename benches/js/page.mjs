// `--record` writes the figures of the recorded run into docs/speed.md.
import { readFile, writeFile } from "node:fs/promises";
import { digits, goalText } from "./table.mjs";

const [begin, end] = ["<!-- cargo xtask bench --record -->", "<!-- as recorded -->"];

export async function rewritePage(file, results) {
  await writeFile(file, rewritten(await readFile(file, "utf8"), results));
}

/** The page with the figures of these results between its two marks. */
export function rewritten(text, results) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no place between ${begin} and ${end}`);
  return `${text.slice(0, from)}${section(results)}${text.slice(to)}`;
}

/** The part between the two marks: the picture, and the figures with a goal. */
function section({ recorded, versions, runtimes, growth }) {
  const columns = Object.values(runtimes);
  const lines = Object.entries(runtimes.node.rows).flatMap(([id, { title, peers }]) =>
    peers
      .filter(({ goal }) => goal)
      .map(({ name, goal }) => {
        const others = columns.map(({ rows }) => rows[id]?.peers.find((peer) => peer.name === name));
        const cells = others.map((peer) => cell(peer, goal));
        return `| ${title} | ${named(name, versions)} | ${cells.join(" | ")} | ${goalsText(goal, others)} |`;
      }),
  );
  const grown = Object.values(growth).map(({ title, unit, against, holds, points }) => {
    const ratios = `${digits(holds.first)} → ${digits(holds.last)} ×${holds.met ? " ✓" : ""}`;
    const sizes = `${points[0].size} → ${points.at(-1).size} ${unit}`;
    return `| ${title}: ${sizes} | ${named(against, versions)} | ${ratios} | ${columns.slice(1).fill("").join(" | ")} | does not fall |`;
  });
  return `${begin}
![Times faster than each peer, in every runtime, and how time grows with input; the table below has the main figures](pictures/speed.svg)

Recorded ${recorded}: how many times faster, the middle half of the rounds in brackets, and a ✓ where the goal is met.${clockText(columns)}

| work | beside | ${columns.map(({ title, version }) => `${title} ${version}`).join(" | ")} | goal |
|---|---|${"--:|".repeat(columns.length)}---|
${[...lines, ...grown].join("\n")}

`;
}

/** One ratio, of speed or of time, as the row's goal. */
function cell(peer, { within }) {
  if (!peer) return "";
  const { median, low, high } = peer.faster;
  const [middle, from, to] = within ? [1 / median, 1 / high, 1 / low] : [median, low, high];
  return `${digits(middle)} × ${within ? "its time " : ""}(${digits(from)}–${digits(to)})${peer.goal?.met ? " ✓" : ""}`;
}

/** Node's goal, and the other runtimes' if it differs. */
function goalsText(goal, peers) {
  const [own, ...others] = new Set([goal, ...peers.map((peer) => peer?.goal).filter(Boolean)].map(goalText));
  return others.length ? `${own}; elsewhere ${others.join(", ")}` : own;
}

/** Names the clock if it is not only the wall clock. */
function clockText(columns) {
  const counted = columns.filter(({ clock }) => clock === "processor time").map(({ title }) => title);
  return counted.length ? ` ${[...new Set(counted)].join(", ")} by processor time.` : "";
}

const named = (name, versions) => (versions[name] ? `${name} ${versions[name]}` : `\`${name}\``);
