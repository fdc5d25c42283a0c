import { spawn } from "node:child_process";

const server = spawn("node_modules/.bin/next", ["start", "--port", "31917"], { stdio: ["ignore", "pipe", "inherit"] });
for await (const line of server.stdout) if (/Ready/.test(line)) break;
console.log(await (await fetch("http://127.0.0.1:31917/login")).text());
server.kill();
