import { index, route } from "@react-router/dev/routes";

export default [index("home.tsx"), route("api", "api.ts"), route("*", "missing.ts")];
