import { invalidRequest } from "../domain/app-error.ts";
import type { ResolvedDeployment } from "../domain/deployment.ts";
import { missingPrice, type Price } from "../domain/quota/prices.ts";

/** Throws `invalidRequest` unless it is known of all that may be run what its images cost: else no limit could hold. */
export function requirePrices(
  prices: readonly Price[],
  offers: readonly ResolvedDeployment[],
  { param, currency }: { param: string; currency: string },
): void {
  const models = [...new Set(offers.map(({ deployment }) => deployment.model))];
  const missing = models.flatMap((model) => missingPrice(prices, model, currency) ?? []);
  if (missing.length === 0) return;
  throw invalidRequest(missing.map((what) => ({ param, message: `${param} ${what}.` })));
}
