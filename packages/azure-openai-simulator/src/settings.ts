import { z } from "zod";
import { modelNames } from "./models.ts";

const milliseconds = z.number().min(0).max(3_600_000);
const seconds = z.number().min(0).max(31_536_000);

/** Of one deployment: so many requests, and images, in any window; one more is a 429. */
const rateLimitSchema = z.strictObject({
  requests: z.number().int().min(1),
  images: z.number().int().min(1).optional(),
  window_ms: milliseconds.default(60_000),
  /** Whether a refused request counts as well. */
  counts_refused: z.boolean().default(false),
  /** Whether replies tell it by `x-ratelimit-…`. */
  headers: z.boolean().default(true),
});
export type RateLimitSetting = z.infer<typeof rateLimitSchema>;

/** Everything a running simulator lets one change over HTTP. Names are the wire's own. */
export const settingsSchema = z.strictObject({
  /** Total time of one generation, drawing included. */
  latency_ms: z.partialRecord(z.enum(modelNames), milliseconds),
  latency_scale: z.number().min(0).max(100),
  /** What a DALL-E 2 submit and poll put in `retry-after`. */
  retry_after_seconds: z.number().int().min(0).max(3600),
  url_life_seconds: seconds,
  operation_life_seconds: seconds,
  /** Both shapes are on record for DALL-E 2 [S0]. */
  result_shape: z.enum(["A", "B"]),
  deployments: z.record(z.string().min(1), z.enum(modelNames)),
  /** By deployment; absent: none. */
  rate_limits: z.record(z.string().min(1), rateLimitSchema),
  /** Accept any bearer token that looks like a JWT, as a resource with Entra sign-in does. */
  entra: z.boolean(),
});

export type Settings = z.infer<typeof settingsSchema>;
export const settingsChangeSchema = settingsSchema.partial();
export type SettingsChange = z.input<typeof settingsChangeSchema>;

export const defaultSettings: Settings = {
  latency_ms: {
    "dall-e-2": 1500,
    "dall-e-3": 1200,
    "gpt-image-1": 1500,
    "gpt-image-1-mini": 1000,
    "gpt-image-1.5": 1500,
    "gpt-image-2": 1500,
  },
  latency_scale: 1,
  retry_after_seconds: 1,
  url_life_seconds: 86_400,
  // [S0] the sample's `expires` minus `created`.
  operation_life_seconds: 86_405,
  result_shape: "A",
  deployments: {
    dalle3: "dall-e-3",
    "gpt-image": "gpt-image-1",
    "gpt-image-1-mini": "gpt-image-1-mini",
    "gpt-image-1.5": "gpt-image-1.5",
    "gpt-image-2": "gpt-image-2",
  },
  rate_limits: {},
  entra: false,
};

/** Latencies merge by model; every other setting is replaced whole. */
export function changeSettings(settings: Settings, change: SettingsChange): Settings {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return settingsSchema.parse({
    ...settings,
    ...given,
    latency_ms: { ...settings.latency_ms, ...change.latency_ms },
  });
}
