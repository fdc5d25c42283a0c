// WebKitGTK, the engine of Safari, on a virtual screen. W3C WebDriver controls it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Debian's WebKitGTK, or the driver that WEBKIT names. `send` takes a command's method, path and JSON body.
 * @returns {Promise<any>}
 */
export async function launchWebKit(tries = 3) {
  const screen = spawn("Xvfb", ["-displayfd", "3"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const [number] = await once(screen.stdio[3], "data");
  const port = await freePort();
  const driver = spawn(process.env.WEBKIT ?? "WebKitWebDriver", [`--port=${port}`], {
    stdio: "ignore",
    // WebKit's sandbox does not run as root.
    env: { ...process.env, DISPLAY: `:${`${number}`.trim()}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
  });
  const send = commands(`http://127.0.0.1:${port}`);
  const close = async () => {
    driver.kill();
    screen.kill();
  };
  try {
    const { sessionId } = await patiently(async () => {
      if (driver.exitCode !== null) throw new Error(`the driver ended with ${driver.exitCode}`);
      return send("POST", "/session", { capabilities: {} });
    });
    return { send: (method, path, body) => send(method, `/session/${sessionId}${path}`, body), close };
  } catch (error) {
    await close();
    // Another program may have taken the port.
    if (driver.exitCode !== null && tries > 1) return launchWebKit(tries - 1);
    throw error;
  }
}

/** W3C WebDriver: a path for each command, with JSON in both directions. */
const commands = (address) => async (method, path, body) => {
  const reply = await fetch(address + path, { method, body: JSON.stringify(body) });
  const { value } = await reply.json();
  if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
  return value;
};

/** Tries again for a minute after a `TypeError`: something, such as the driver, is not ready yet. */
export async function patiently(work, times = 600) {
  try {
    return await work();
  } catch (error) {
    if (times === 0 || !(error instanceof TypeError)) throw error;
    await new Promise((next) => setTimeout(next, 100));
    return patiently(work, times - 1);
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  return port;
}
