// Next 15 has another name for it, and wants `config` in this file.
export { proxy as middleware } from "./proxy";
export const config = { matcher: ["/((?!api|_next/static|_next/image|favicon.ico).*)"] };
