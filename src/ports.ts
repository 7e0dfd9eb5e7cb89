/** The only ports from Darkroom to the world. Adapters implement them; `index.ts` joins the two. */

export type * from "./ports/answers.ts";
export type * from "./ports/callers.ts";
export type * from "./ports/client-responses.ts";
export type * from "./ports/clock.ts";
export type * from "./ports/deliveries.ts";
export type * from "./ports/image-model.ts";
export type * from "./ports/images.ts";
export type * from "./ports/inputs.ts";
export type * from "./ports/jobs.ts";
export type * from "./ports/quota.ts";
export type * from "./ports/retention.ts";
export type * from "./ports/served-files.ts";
