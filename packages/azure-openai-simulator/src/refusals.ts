import type { SimulatedFault } from "./faults/fault.ts";
import { withoutWords } from "./faults/prompt-words.ts";
import type { Family } from "./models.ts";
import { jsonReply, unixSeconds, type Reply } from "./wire.ts";

export type RefusalDialect = NonNullable<SimulatedFault["dialect"]>;
export type Refused = NonNullable<SimulatedFault["refuse"]>;

/** [S0,S2,S3] */
export const seedMessages: Readonly<Record<Refused, string>> = {
  input: "Your task failed as a result of our safety system.",
  output: "Generated image was filtered as a result of our safety system.",
};

/** What the wire shows of each family today [Q13]; the seeds' `contentFilter` is still what DALL-E 2 says [S0]. */
const defaultDialect: Readonly<Record<Family, RefusalDialect>> = {
  "dall-e-2": "contentFilter",
  "dall-e-3": "content_policy_violation",
  "gpt-image": "moderation_blocked",
};

export function refusalDialect(fault: SimulatedFault, family: Family): RefusalDialect {
  return fault.dialect ?? defaultDialect[family];
}

/** [A10] what a filter says of text or picture it has nothing against. */
export const safeCategories = {
  hate: { filtered: false, severity: "safe" },
  self_harm: { filtered: false, severity: "safe" },
  sexual: { filtered: false, severity: "safe" },
  violence: { filtered: false, severity: "safe" },
};

export const safePrompt = { ...safeCategories, profanity: { detected: false, filtered: false } };

const unsafeCategories = { ...safeCategories, violence: { filtered: true, severity: "medium" } };

type RefusalError = Readonly<Record<string, unknown>>;

/** The `error` object of a refusal, as each dialect writes it. */
export function refusalError(dialect: RefusalDialect, refused: Refused, prompt: string): RefusalError {
  switch (dialect) {
    case "contentFilter":
      return { code: "contentFilter", message: seedMessages[refused] };
    case "content_policy_violation":
      return {
        code: "content_policy_violation",
        message: policyMessage(refused),
        param: null,
        type: "invalid_request_error",
        inner_error: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_results: unsafeCategories,
          revised_prompt: revisedPrompt(prompt),
        },
      };
    case "moderation_blocked":
      return {
        message:
          "Your request was rejected by the safety system. If you believe this is an error, contact support and include the request ID. safety_violations=[violence].",
        type: "image_generation_user_error",
        param: null,
        code: "moderation_blocked",
      };
  }
}

function policyMessage(refused: Refused): string {
  const opening = "Your request was rejected as a result of our safety system.";
  return refused === "input"
    ? `${opening} Your prompt may contain text that is not allowed by our safety system.`
    : `${opening} Image descriptions generated from your prompt may contain text that is not allowed by our safety system. If you believe this was done in error, your request may succeed if retried, or by adjusting your prompt.`;
}

/** Only the seeds' dialect dates its refusals [S0]. */
export function refusalReply(
  dialect: RefusalDialect,
  refused: Refused,
  prompt: string,
  status: number,
  now: number,
): Reply {
  const error = refusalError(dialect, refused, prompt);
  return jsonReply(status, dialect === "contentFilter" ? { created: unixSeconds(now), error } : { error });
}

/** [S1] rewriting cannot be turned off; the instruction to use a prompt as it is softens it. */
export function revisedPrompt(prompt: string, asIs = false): string {
  const meant = withoutWords(prompt);
  return asIs ? meant : `A richly detailed picture, softly lit and carefully composed: ${meant}`;
}
