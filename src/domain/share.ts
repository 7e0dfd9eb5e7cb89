/** Anyone who needs more of them needs a page of their own. */
export const maxSharesPerJob = 100;

/** Seconds that a share may be asked to live. Without that it lives as long as its job. */
export const shareSeconds = { min: 60, max: 365 * 86_400 } as const;
