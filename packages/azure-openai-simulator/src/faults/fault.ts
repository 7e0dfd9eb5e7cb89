import { z } from "zod";
import { modelNames } from "../models.ts";

/** Where in an answer the wire gives way: `arrival` is before any work, `before` after it. */
const place = z.union([
  z.enum(["arrival", "before", "headers"]),
  z.string().regex(/^\d{1,2}%$/),
  // Of a stream: so many events, the fraction being a part of the next one.
  z.string().regex(/^event:\d{1,3}(\.\d+)?$/),
]);
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]);
const slots = z.preprocess(
  (value): unknown => (Array.isArray(value) ? value : String(value).split(",")),
  z.array(whole(0, 9)),
);

/** What can go wrong. README.md has the table; words in a prompt and rules over HTTP share these names. */
export const faultSchema = z.strictObject({
  latency: whole(0, 3_600_000).optional(),
  clock: whole(-86_400, 86_400).optional(),
  seed: whole(0, 2 ** 31).optional(),

  status: whole(200, 599).optional(),
  retry_after: z.coerce
    .string()
    .regex(/^(\d+|\d+ms|date:-?\d+)$/)
    .optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  location: z.string().optional(),
  billed: flag.optional(),

  refuse: z.enum(["input", "output"]).optional(),
  refuse_slots: slots.optional(),
  dialect: z.enum(["contentFilter", "content_policy_violation", "moderation_blocked"]).optional(),

  images: whole(0, 20).optional(),
  bytes: whole(1, 64_000_000).optional(),
  image_format: z.enum(["png", "jpeg", "webp", "gif", "text"]).optional(),
  image_size: z
    .string()
    .regex(/^[1-9]\d{0,3}x[1-9]\d{0,3}$/)
    .optional(),
  base64: z.literal("invalid").optional(),
  url_life: whole(0, 31_536_000).optional(),

  body: z.enum(["html", "truncated", "error", "none"]).optional(),
  content_type: z.string().optional(),

  cut: place.optional(),
  stall: place.optional(),
  rate: whole(1, 1_000_000_000).optional(),
  chunk: whole(1, 1_000_000).optional(),

  stream: z.literal("ignored").optional(),
  partials: whole(0, 50).optional(),
  duplicate: whole(0, 49).optional(),
  comments: whole(0, 100_000).optional(),
  line_ends: z.enum(["lf", "crlf", "cr"]).optional(),
  ending: z.enum(["error", "none", "broken"]).optional(),

  operation: z.string().optional(),
  first_status: z.string().optional(),
  shape: z.enum(["A", "B"]).optional(),
  operation_host: z.string().optional(),
  operation_path: z.literal("dalle").optional(),
});

export type SimulatedFault = z.infer<typeof faultSchema>;

export const routeNames = ["generate", "edit", "submit", "poll", "delete", "image"] as const;

export const ruleSchema = z.strictObject({
  match: z
    .strictObject({
      model: z.enum(modelNames).optional(),
      deployment: z.string().optional(),
      /** Absent: the calls that ask for images, that is `generate`, `edit` and `submit`. */
      route: z.enum(routeNames).optional(),
      prompt_includes: z.string().optional(),
      /** The first matching call the rule applies to, counted from 1. */
      nth: whole(1, 1_000_000).optional(),
    })
    .default({}),
  /** How many matching calls it applies to: one when `nth` is given, else all. */
  times: whole(1, 1_000_000).optional(),
  fault: faultSchema,
});

export type Rule = z.infer<typeof ruleSchema>;
