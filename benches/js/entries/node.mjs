// The whole of Node's part in this one process, which tells its parent how far it is.
import { cases } from "../cases/index.mjs";
import { growth } from "../growth/index.mjs";
import { measure, measureAll, paces } from "../measure.mjs";
import { createProvider } from "../provider.mjs";
import { picked } from "../selection.mjs";

process.once("message", async ({ only, pace }) => {
  const progress = (progress) => process.send({ progress });
  try {
    const provider = await createProvider();
    const rows = await measureAll(picked(cases, only), provider, paces[pace], progress);
    const grown = {};
    for (const [id, one] of Object.entries(picked(growth, only))) {
      const { title, unit, against, sizes } = one;
      const points = [];
      for (const size of sizes) {
        progress({ title: `${title}, ${size} ${unit}`, part: 0 });
        const contenders = await one.contenders(provider, size);
        points.push({ size, ...(await measure({ contenders }, paces[pace])) });
      }
      grown[id] = { title, unit, against, points };
    }
    process.send({ rows, growth: grown });
  } catch (error) {
    process.send({ error: error.stack });
  }
  process.disconnect();
});
