import { NextResponse } from "next/server";
import { login } from "./auth.js";

export const proxy = login.protect(() => NextResponse.next());
export const config = { matcher: ["/((?!api|_next/static|_next/image|favicon.ico).*)"] };
