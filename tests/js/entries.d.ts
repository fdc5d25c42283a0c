/** Every entry of the package, and the globals that are missing on import. imports.mjs writes it. */
export const entries: Record<string, () => Promise<unknown>>;
export const lacking: string[];
