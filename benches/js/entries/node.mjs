// Runs all cases in this process and sends its progress to the parent.
import { cases } from "../cases/index.mjs";
import { growth } from "../growth/index.mjs";
import { measure, measureAll, paces } from "../measure.mjs";
import { createProvider } from "../provider.mjs";
import { picked } from "../selection.mjs";

/** Milliseconds of processor time of this process, with its threads for WebCrypto and garbage collection. */
function clock() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

process.once("message", async ({ only, pace: name, grows }) => {
  const pace = { ...paces[name], clock };
  const progress = (progress) => process.send({ progress });
  try {
    const provider = await createProvider();
    const rows = await measureAll(picked(cases, only), provider, { ...pace, runtime: "node" }, progress);
    const grown = {};
    for (const [id, one] of Object.entries(grows ? picked(growth, only) : {})) {
      const { title, unit, against, sizes } = one;
      const points = [];
      for (const size of sizes) {
        progress({ title: `${title}, ${size} ${unit}`, part: 0 });
        const contenders = await one.contenders(provider, size);
        points.push({ size, ...(await measure({ contenders }, pace)) });
      }
      grown[id] = { title, unit, against, points };
    }
    process.send({ version: process.version.slice(1), rows, growth: grown });
  } catch (error) {
    process.send({ error: error.stack });
  }
  process.disconnect();
});
