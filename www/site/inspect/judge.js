// @ts-check
/** Judges a pasted message with the calls that a program makes. Every verdict comes from the package. */
import { keySet } from "./keys.js";
import { challenge, metadata, redirect, tokenResponse } from "./messages.js";
import { accessToken, idToken, logoutToken } from "./tokens.js";

/** @typedef {import("./kinds.js").Kind} Kind */
/** @typedef {import("./verdicts.js").Judged} Judged */
/** @typedef {import("./verdicts.js").Settings} Settings */

/** @type {Record<Kind, (text: string, settings: Settings, now: number) => Promise<Judged>>} */
const judges = { idToken, accessToken, logoutToken, redirect, tokenResponse, metadata, keySet, challenge };

/** @param {Kind} kind @param {string} text @param {Settings} settings @param {number} now seconds since the epoch */
export const judge = (kind, text, settings, now) => judges[kind](text, settings, now);
