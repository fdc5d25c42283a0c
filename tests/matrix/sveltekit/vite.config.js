import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
import { app } from "./provider.js";

export default { plugins: [sveltekit({ adapter: adapter(), paths: { origin: app } })] };
