// `--record`: the README's figures are those of the recorded run, and nobody copies them by hand.
import { readFile, writeFile } from "node:fs/promises";
import { digits, goalText } from "./table.mjs";

const [begin, end] = ["<!-- cargo xtask bench --record -->", "<!-- as recorded -->"];

export async function rewriteReadme(file, results) {
  await writeFile(file, rewritten(await readFile(file, "utf8"), results));
}

/** The text with the figures of these results in the place for them. */
export function rewritten(text, results) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no place between ${begin} and ${end}`);
  return `${text.slice(0, from)}${section(results)}${text.slice(to)}`;
}

/** What stands between the two marks: the picture, and its figures with a goal for whoever rather reads. */
function section({ recorded, versions, runtimes, growth }) {
  const columns = Object.values(runtimes);
  const lines = Object.entries(runtimes.node.rows).flatMap(([id, { title, peers }]) =>
    peers
      .filter(({ goal }) => goal)
      .map(({ name, goal }) => {
        const cells = columns.map(({ rows }) => cell(rows[id]?.peers.find((peer) => peer.name === name)));
        return `| ${title} | ${named(name, versions)} | ${cells.join(" | ")} | ${goalText(goal)} |`;
      }),
  );
  const grown = Object.values(growth).map(({ title, unit, against, holds, points }) => {
    const ratios = `${digits(holds.first)} → ${digits(holds.last)} ×${holds.met ? " ✓" : ""}`;
    const sizes = `${points[0].size} → ${points.at(-1).size} ${unit}`;
    return `| ${title}: ${sizes} | ${named(against, versions)} | ${ratios} | ${columns.slice(1).fill("").join(" | ")} | does not fall |`;
  });
  return `${begin}
![Times faster than each peer, in every runtime, and how time grows with input; the table below has the main figures](benches/results/speed.svg)

Recorded ${recorded}: how many times faster, the middle half of the rounds in brackets, and a ✓ where the goal is met.

| work | beside | ${columns.map(({ title, version }) => `${title} ${version}`).join(" | ")} | goal |
|---|---|${"--:|".repeat(columns.length)}---|
${[...lines, ...grown].join("\n")}

`;
}

/** One ratio; where a goal is in times the peer's time, in these. */
function cell(peer) {
  if (!peer) return "";
  const { median, low, high } = peer.faster;
  const [middle, from, to] = peer.goal.within ? [1 / median, 1 / high, 1 / low] : [median, low, high];
  return `${digits(middle)} × (${digits(from)}–${digits(to)})${peer.goal.met ? " ✓" : ""}`;
}

const named = (name, versions) => (versions[name] ? `${name} ${versions[name]}` : `\`${name}\``);
