/**
 * What the app does with new jobs, on all instances. `draining`: refuses them, while those it has go on. `paused`: records
 * them and begins none, until it is open again.
 */
export const serviceModes = ["open", "draining", "paused"] as const;
export type ServiceMode = (typeof serviceModes)[number];
