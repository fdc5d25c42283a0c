// A server as a program: its registry's ordinary client fetches it. The test starts it, and ends it with all its processes.
import { spawn } from "node:child_process";
import { access, mkdir, open, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { run } from "../js/lib.mjs";

const exists = (file) =>
  access(file).then(
    () => true,
    () => false,
  );

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** Runs a command that prepares a server. If a tool is missing, that is the reason to skip the server. */
export async function prepare(command, args, options = {}) {
  const ended = await run(command, args, options).catch((error) => ({
    code: error.code,
    output: String(error.message),
  }));
  if (ended.code === 0) return;
  const last = ended.output.trim().split("\n").at(-1) ?? "";
  throw new Error(`${command} ${args[0]} ended with ${ended.code}: ${last.slice(0, 200)}`);
}

/** The folder in an archive of Maven Central, fetched and unpacked once. */
export async function unpacked(folder, [group, name, version], inside) {
  const home = join(folder, inside);
  if (await exists(home)) return home;
  const artifact = `-Dartifact=${group}:${name}:${version}:zip`;
  await prepare("mvn", ["-q", "dependency:copy", artifact, `-DoutputDirectory=${folder}`]);
  await prepare("unzip", ["-q", "-o", join(folder, `${name}-${version}.zip`), "-d", folder]);
  return home;
}

/** A program from the Go module proxy, built once in a separate module. `at` is its version, `replacing` its own module's replacements. */
export async function goProgram(folder, { program, at, replacing = {}, tags = [] }) {
  const file = join(folder, `${basename(program)}-${at}`);
  if (await exists(file)) return file;
  const cwd = join(folder, "module");
  await rm(cwd, { recursive: true, force: true });
  await mkdir(cwd, { recursive: true });
  await prepare("go", ["mod", "init", "example.invalid/server"], { cwd });
  for (const [name, by] of Object.entries(replacing))
    await prepare("go", ["mod", "edit", `-replace=${name}=${by}`], { cwd });
  await prepare("go", ["get", "-tool", `${program}@${at}`], { cwd });
  await prepare("go", ["build", `-tags=${tags}`, "-ldflags=-s -w", "-o", file, program], { cwd });
  return file;
}

/** Starts a program and waits for its discovery document. */
export async function started(command, args, { folder, issuer, env = {}, cwd = folder, seconds = 180 }) {
  const file = join(folder, "log.txt");
  const log = await open(file, "w");
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", log.fd, log.fd],
    detached: true,
  });
  let ended;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code) => {
    ended ??= `it ended with ${code}`;
  });
  const close = async () => {
    if (ended === undefined) {
      process.kill(-child.pid, "SIGTERM");
      for (let waited = 0; ended === undefined && waited < 50; waited++) await later(200);
      if (ended === undefined) process.kill(-child.pid, "SIGKILL");
    }
    await log.close();
  };
  const document = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  for (let waited = 0; waited < seconds; waited++) {
    const reply = await fetch(document).catch(() => undefined);
    if (reply?.ok) return close;
    if (ended !== undefined) break;
    await later(1000);
  }
  const reason = ended ?? `it did not answer within ${seconds} s`;
  await close();
  const last = (await readFile(file, "utf8")).trim().split("\n").slice(-2).join(" ");
  throw new Error(`${reason}: ${last.slice(0, 300)}`);
}

export { exists };
