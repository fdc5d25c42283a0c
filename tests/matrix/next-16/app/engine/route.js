import * as oidc from "oidc-wasm";
import { login } from "../../login.js";

export const runtime = "edge";
export const dynamic = "force-dynamic";
export const GET = async () => new Response(await login(oidc));
