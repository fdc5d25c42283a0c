// node ab.mjs rows variants rounds  -> interleaved
import { readFile } from "node:fs/promises";
const [,, rows, vs, rounds="25"] = process.argv;
const variants = vs.split(",");
const cpu = () => { const u = process.cpuUsage(); return (u.user+u.system)/1000; };
const wall = () => performance.now();
for (const row of rows.split(",")) {
  const all = [];
  for (const v of variants) {
    const base = `/tmp/x/${v}/`;
    const { cases } = await import(base + "benches/js/cases/index.mjs");
    const { createProvider } = await import(base + "benches/js/provider.mjs");
    const { default: init } = await import(base + "dist/index.js");
    await init(await readFile(base + "m.wasm"));
    const { stagesOf } = await import(base + "benches/js/measure.mjs");
    const cs = await cases[row].contenders(await createProvider());
    all.push([v, stagesOf(cs["oidc-wasm"])]);
    if (v === variants[0]) for (const [n, c] of Object.entries(cs)) if (n !== "oidc-wasm") all.push([n, stagesOf(c)]);
  }
  const { repeat } = await import(`/tmp/x/${variants[0]}/benches/js/measure.mjs`);
  async function time(stages, count) { let s=0,values; for (const {step,timed} of stages){ const b=cpu(); values=await repeat(step,count,values); if(timed) s+=cpu()-b;} return s; }
  const clock = new Map(all.map(([n])=>[n,[]]));
  const counts = new Map();
  for (const [n, st] of all) { const u=wall()+400; let c=1; while (wall()<u) await time(st,c<1000?c*=2:c); 
    c=1; while(true){ const b=wall(); await time(st,c); if (wall()-b>=10) break; c=Math.ceil(c*1.6);} counts.set(n,c); }
  for (let r=0;r<+rounds;r++) { const k=r%all.length; for (const [n,st] of [...all.slice(k),...all.slice(0,k)]) clock.get(n).push(await time(st,counts.get(n))/counts.get(n)*1000); }
  const med=a=>[...a].sort((x,y)=>x-y)[a.length>>1];
  const base=clock.get(variants[0]);
  console.log(row);
  for (const [n,t] of clock) console.log("  ", n.padEnd(16), "min", Math.min(...t).toFixed(3).padStart(8), "med", med(t).toFixed(3).padStart(8), "us; ratio to first", med(t.map((x,i)=>x/base[i])).toFixed(3));
}
