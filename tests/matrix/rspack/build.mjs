import { rspack } from "@rspack/core";
import { app } from "./provider.js";

const entry = { main: "./main.js", slim: "./slim_login.js" };
rspack({ mode: "production", target: "web", entry, output: { publicPath: `${app}/` } }, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString());
});
