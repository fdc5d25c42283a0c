import { wrongArgument } from "./problem.js";
import type { Api } from "./types.js";

export const isWeb = (address: string): boolean => /^https?:\/\//i.test(address) && URL.canParse(address);

/** Finds the API that an address belongs to; the longest prefix wins, and then the first one. */
export function createApis(apis: [prefix: string, Api][]): (address: string) => Api | undefined {
  const known = apis
    .map(([prefix, api]) => {
      if (!isWeb(prefix)) throw wrongArgument("apis", "absolute http or https URLs");
      return { forms: formsOf(prefix), api };
    })
    .sort((one, other) => other.forms[0].length - one.forms[0].length);
  return (address) => {
    const forms = formsOf(address);
    return known.find((api) => api.forms.every((form, at) => form.every((part, index) => part === forms[at]?.[index])))
      ?.api;
  };
}

/**
 * An address as its origin and path segments: as the URL standard parses it, and with all percent-encoding decoded. A
 * server or proxy may decode more often than the URL standard does.
 */
function formsOf(address: string): [string[], string[]] {
  const { origin, pathname } = new URL(address);
  const segments: string[] = [];
  for (const part of everyDecoded(pathname).split(/[/\\]/)) {
    if (part === "..") segments.pop();
    else if (part && part !== ".") segments.push(part);
  }
  return [[origin, ...pathname.split("/").filter(Boolean).map(decoded)], segments];
}

const decoded = (text: string) =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

function everyDecoded(path: string): string {
  const next = decoded(path);
  return next === path ? path : everyDecoded(next);
}
