/** Every entry of the package, and what it is imported without: written by imports.mjs. */
export const entries: Record<string, () => Promise<unknown>>;
export const lacking: string[];
