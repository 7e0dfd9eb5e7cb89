import * as z from "zod";
import { type Price, toMicros } from "../domain/quota/prices.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Settings } from "./settings.ts";

const amount = z.number().min(0).max(1_000_000);

const priceSetting = z
  .strictObject({
    model: z.string().min(1),
    size: z.string().min(1).optional(),
    quality: z.string().min(1).optional(),
    per_image: amount.optional(),
    per_million_tokens: z.strictObject({ input: amount, output: amount }).optional(),
    currency: z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as USD"),
    source: z.string().min(1),
    as_of: z.iso.date(),
  })
  .refine(
    ({ per_image, per_million_tokens }) => per_image !== undefined || per_million_tokens !== undefined,
    {
      message: "needs per_image, per_million_tokens or both",
    },
  );

/** What models cost, in millionths of a currency's unit. None unless configured. */
export function readPrices(settings: Settings, models: readonly string[]): Price[] {
  const listed = settings.json("PRICES", z.array(priceSetting)) ?? [];
  for (const [position, { model }] of listed.entries()) {
    if (!models.includes(model))
      settings.problem(`PRICES.${position}.model is not one that is deployed here: ${models.join(", ")}.`);
  }
  return listed.map(({ per_image, per_million_tokens: tokens, as_of, ...price }) =>
    withoutAbsent({
      ...price,
      asOf: as_of,
      perImage: per_image === undefined ? undefined : toMicros(per_image),
      perMillionTokens: tokens && { input: toMicros(tokens.input), output: toMicros(tokens.output) },
    }),
  );
}
