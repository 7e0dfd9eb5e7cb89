import type { Model } from "../api/types.ts";
import { money } from "./explain.ts";

/** What images would cost, as the app will say of their job; empty where nobody said what they cost, or only by tokens. */
export function priceOf(
  { prices = [], defaults }: Pick<Model, "prices" | "defaults">,
  body: Readonly<Record<string, unknown>>,
): string {
  const { size = defaults["size"], quality = defaults["quality"] } = body;
  const fitting = prices.filter(
    (price) => (price.size ?? size) === size && (price.quality ?? quality) === quality,
  );
  const detailOf = (price: (typeof prices)[number]) => Number("size" in price) + Number("quality" in price);
  const [price] = fitting.toSorted((a, b) => detailOf(b) - detailOf(a));
  if (price?.per_image === undefined) return "";
  return `about ${money(price.per_image * Number(body["n"] ?? 1), price.currency)}`;
}
