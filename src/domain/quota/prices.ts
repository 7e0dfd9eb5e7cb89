/** Money in millionths of the currency's unit: whole numbers, so that sums are exact. */
export type Micros = number;

export const toMicros = (units: number): Micros => Math.round(units * 1_000_000);
export const toUnits = (micros: Micros): number => micros / 1_000_000;

/** What a job's images cost, without where it was read. */
export interface Rate {
  currency: string;
  perImage?: Micros;
  /** For a million tokens, where a reply says how many it took. */
  perMillionTokens?: { input: Micros; output: Micros };
}

export function rateOf({ currency, perImage, perMillionTokens }: Rate): Rate {
  return {
    currency,
    ...(perImage !== undefined && { perImage }),
    ...(perMillionTokens && { perMillionTokens }),
  };
}

/** What a model's images cost, as data: where it was read, and when. */
export interface Price extends Rate {
  model: string;
  /** Absent: any. */
  size?: string;
  quality?: string;
  source: string;
  /** ISO date. */
  asOf: string;
}

export interface Priced {
  model: string;
  size: string;
  quality: string;
}

/** The entry that says most of the work; of equals the first. Undefined: there is no price. */
export function findPrice(prices: readonly Price[], work: Priced): Price | undefined {
  const fitting = prices.filter(
    ({ model, size = work.size, quality = work.quality }) =>
      model === work.model && size === work.size && quality === work.quality,
  );
  return fitting.toSorted((a, b) => detailOf(b) - detailOf(a))[0];
}

/** Why it can't be told before, in a currency, what a model's images cost at most. Undefined: it can. */
export function missingPrice(prices: readonly Price[], model: string, currency: string): string | undefined {
  const own = prices.filter((price) => price.model === model);
  if (!own.some(({ size, quality }) => size === undefined && quality === undefined))
    return `needs an entry of PRICES for ${model} in any size and quality`;
  if (own.some(({ perImage }) => perImage === undefined))
    return `needs per_image in each entry of PRICES for ${model}: what is reserved before a call`;
  if (own.some((price) => price.currency !== currency))
    return `is not in the currency of PRICES for ${model}`;
  return undefined;
}

function detailOf({ size, quality }: Price): number {
  return Number(size !== undefined) + Number(quality !== undefined);
}

/** Before it is made. Undefined where the price is by tokens alone, whose number nobody knows yet. */
export function estimatedCost({ perImage }: Rate, images: number): Micros | undefined {
  return perImage === undefined ? undefined : perImage * images;
}

/** After it was made: by the tokens that the service counted, where the price names them; else by the image. */
export function actualCost(
  { perImage, perMillionTokens }: Rate,
  images: number,
  tokens: { input: number; output: number } | undefined,
): Micros | undefined {
  if (!perMillionTokens || !tokens) return perImage === undefined ? undefined : perImage * images;
  const { input, output } = perMillionTokens;
  return Math.ceil((tokens.input * input + tokens.output * output) / 1_000_000);
}
