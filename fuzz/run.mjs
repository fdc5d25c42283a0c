// Builds the fuzz targets as `cargo fuzz` does, and runs each for a short time with the vectors as seeds: node fuzz/run.mjs [target…]
// `FUZZ_SECONDS` is the time of each. The address sanitizer is off: it needs a nightly toolchain, and this code has no `unsafe`.
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { must, root, run } from "../tests/js/lib.mjs";

/** Coverage instrumentation, from which libFuzzer sees the path of a run. */
const COVERAGE = `--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module
  -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
  -Cllvm-args=-simplifycfg-branch-fold-threshold=0`.replaceAll(/\s+/g, " ");
const seconds = Number(process.env.FUZZ_SECONDS ?? 3);
if (!(seconds > 0)) throw new Error("FUZZ_SECONDS must be a number of seconds");

const target = join(root, "target/fuzz");
const cargo = (line, flags) =>
  must("cargo", line.split(" "), {
    cwd: join(root, "fuzz"),
    env: { ...process.env, CARGO_TARGET_DIR: target, RUSTFLAGS: flags },
  });
await cargo("run --quiet --example seeds", "");
const host = (await must("rustc", ["--print", "host-tuple"])).trim();
// With an explicit target, cargo does not instrument build scripts.
await cargo(`build --release --bins --target ${host}`, COVERAGE);

const files = await readdir(join(root, "fuzz/fuzz_targets"));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !files.includes(`${name}.rs`));
if (unknown.length) throw new Error(`no such target: ${unknown.join(", ")}`);
let [passed, failed, inputs] = [0, 0, 0];
for (const name of files.map((file) => file.replace(".rs", "")).filter((it) => !asked.length || asked.includes(it))) {
  // New inputs go into `found`, and the next run continues with them. Failures go where `cargo fuzz` reads them.
  const [found, artifacts] = [join(target, "found", name), join(root, "fuzz/artifacts", name)];
  for (const folder of [found, artifacts]) await mkdir(folder, { recursive: true });
  const limits = [`-max_total_time=${seconds}`, "-seed=1", "-timeout=5", "-rss_limit_mb=512"];
  const folders = [`-artifact_prefix=${artifacts}/`, found, join(root, "fuzz/corpus", name)];
  const { code, output } = await run(join(target, host, "release", name), [...limits, ...folders]);
  // `Done 410647 runs in 4 second(s)`
  const runs = Number(/^Done (\d+) runs/m.exec(output)?.[1] ?? 0);
  if (code === 0 && runs) [passed, inputs] = [passed + 1, inputs + runs];
  else {
    failed += 1;
    console.log(`${name}; the input is kept in fuzz/artifacts:\n${output.trimEnd()}`);
  }
}
console.log(`${inputs} inputs, ${seconds} s for each target\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
