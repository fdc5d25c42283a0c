import { wrongArgument } from "./problem.js";
import type { Api } from "./types.js";

/** An address as origin and path segments: as the URL standard parses it, and with all percent-encoding decoded. */
interface Place {
  origin: string;
  paths: string[][];
}

/** Finds the API that an address belongs to; the longest prefix wins. */
export function createApis(apis: Record<string, Api>): (address: string) => Api | undefined {
  const known = Object.entries(apis).map(([prefix, api]) => {
    if (!/^https?:\/\//i.test(prefix) || !URL.canParse(prefix))
      throw wrongArgument("apis", "absolute http or https URLs");
    return { ...placeOf(prefix), api };
  });
  known.sort((one, other) => depth(other) - depth(one));
  return (address) => {
    const place = placeOf(address);
    return known.find((api) => isWithin(place, api))?.api;
  };
}

const depth = ({ paths }: Place) => paths[0]?.length ?? 0;

const isWithin = (place: Place, api: Place) =>
  place.origin === api.origin &&
  api.paths.every((path, form) => path.every((segment, at) => place.paths[form]?.[at] === segment));

function placeOf(address: string): Place {
  const { origin, pathname } = new URL(address);
  return { origin, paths: [segments(pathname, "/").map(decoded), segments(everyDecoded(pathname), /[/\\]/)] };
}

const decoded = (text: string) =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

/** A server or proxy may decode more often than the URL standard does. */
function everyDecoded(path: string): string {
  const next = decoded(path);
  return next === path ? path : everyDecoded(next);
}

function segments(path: string, separator: string | RegExp): string[] {
  const found: string[] = [];
  for (const part of path.split(separator)) {
    if (part === "..") found.pop();
    else if (part && part !== ".") found.push(part);
  }
  return found;
}
