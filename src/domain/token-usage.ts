import { withoutAbsent } from "./without-absent.ts";

interface TokenDetails {
  text_tokens: number;
  image_tokens: number;
}

/** Tokens as the service counts them; the details are absent where it tells none. */
export interface TokenUsage {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  input_tokens_details?: TokenDetails;
  output_tokens_details?: TokenDetails;
}

/** What several calls, or several events of one, have used together. Undefined when none of them tells. */
export function sumUsage(usages: readonly (TokenUsage | undefined)[]): TokenUsage | undefined {
  const [first, ...rest] = usages.filter((usage) => usage !== undefined);
  return first && rest.reduce(plus, first);
}

function plus(one: TokenUsage, other: TokenUsage): TokenUsage {
  return withoutAbsent({
    input_tokens: one.input_tokens + other.input_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    total_tokens: one.total_tokens + other.total_tokens,
    input_tokens_details: plusDetails(one.input_tokens_details, other.input_tokens_details),
    output_tokens_details: plusDetails(one.output_tokens_details, other.output_tokens_details),
  });
}

function plusDetails(one?: TokenDetails, other?: TokenDetails): TokenDetails | undefined {
  if (!one || !other) return one ?? other;
  return {
    text_tokens: one.text_tokens + other.text_tokens,
    image_tokens: one.image_tokens + other.image_tokens,
  };
}
