// Next 15 uses another name, and requires `config` in this file.
export { proxy as middleware } from "./proxy";
export const config = { matcher: ["/((?!api|_next/static|_next/image|favicon.ico).*)"] };
