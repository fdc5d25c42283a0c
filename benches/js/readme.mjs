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
function section({ recorded, versions, runtimes: { node } }) {
  const lines = Object.values(node.rows).flatMap(({ title, peers }) =>
    peers
      .filter(({ goal }) => goal)
      .map(
        ({ name, faster, goal }) =>
          `| ${title} | ${named(name, versions)} | ${digits(faster.median)} × | ${goalText(goal, faster.median)}${goal.met ? "" : ", not met"} |`,
      ),
  );
  return `${begin}
![Times faster than each peer, in Node, Chromium and workerd, and how time grows with input; the table below has the main figures](benches/results/speed.svg)

Node ${node.version}, ${recorded}:

| work | beside | faster | goal |
|---|---|--:|---|
${lines.join("\n")}

`;
}

const named = (name, versions) => (versions[name] ? `${name} ${versions[name]}` : `\`${name}\``);
