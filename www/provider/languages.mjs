/** The pages of the local provider in the languages of the site. */
import { harbour as en } from "../site/strings/en.js";
import { harbour as ko } from "../site/strings/ko.js";
import { harbour as zh } from "../site/strings/zh.js";
import { createPages } from "./pages.mjs";

const languages = { en, ko, zh };

/** The pages in a language, or in the first known one of a list such as `ui_locales` (OpenID Connect Core §3.1.2.1). */
export function pagesIn(wanted, base) {
  const known = (wanted ?? "").split(" ").map((tag) => tag.slice(0, 2).toLowerCase());
  const lang = known.find((tag) => Object.hasOwn(languages, tag)) ?? "en";
  return createPages({ strings: languages[lang], lang, base });
}

/** For a request of oidc-provider: the request says the language, or else the browser. */
export const localPages = (ctx, params = ctx.oidc?.params) =>
  pagesIn(params?.ui_locales ?? (ctx.acceptsLanguages("en", "ko", "zh") || "en"), "");
