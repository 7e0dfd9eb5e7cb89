import { describe, expect, it } from "vitest";
import { refusalOf } from "../../../../src/adapters/openai/refusal.ts";
import { type WireError, wireError } from "../../../../src/adapters/openai/wire.ts";

describe("a refusal", () => {
  it.each([
    "contentFilter",
    "content_filter",
    "content_policy_violation",
    "ResponsibleAIPolicyViolation",
    "moderation_blocked",
    "BlockedImages",
  ])("is known by code %s, outside and inside", (code) => {
    const failure = {
      code: "contentFilter",
      message: "The service's content policy refused the prompt.",
      retryable: false,
    };
    expect(refusalOf({ code })).toEqual(failure);
    expect(refusalOf({ code: "invalid_request", inner_error: { code } })).toEqual(failure);
    expect(refusalOf({ innererror: { code } })).toEqual(failure);
  });

  it("of the generated image is told from one of the prompt", () => {
    expect(refusalOf({ code: "contentFilter", message: "Generated image was filtered." })?.message).toBe(
      "The service's content policy refused the generated image.",
    );
  });

  it("names the categories that were filtered, and no others", () => {
    const content_filter_results = {
      violence: { filtered: true, severity: "high" },
      hate: { filtered: false },
      jailbreak: { detected: true, filtered: true },
      odd: "filtered",
      none: null,
    };
    expect(refusalOf({ code: "contentFilter", inner_error: { content_filter_results } })?.message).toBe(
      "The service's content policy refused the prompt (violence, jailbreak).",
    );
  });

  it("keeps what the filters found, and nothing else that stands there", () => {
    const content_filter_results = {
      violence: { filtered: true, severity: "high", quoted: "SECRET-PROMPT" },
      profanity: { filtered: false, detected: false },
      custom_blocklists: { filtered: false, details: [{ id: "SECRET-LIST", filtered: false }] },
      "SECRET PROMPT": { filtered: false },
    };
    const error = { code: "contentFilter", inner_error: { content_filter_results } };
    expect(refusalOf(error)?.filters).toEqual({
      image: {
        violence: { filtered: true, severity: "high" },
        profanity: { filtered: false, detected: false },
        custom_blocklists: { filtered: false },
      },
    });
  });

  it("never repeats the service's words, which may quote the prompt", () => {
    expect(refusalOf({ code: "contentFilter", message: "SECRET-PROMPT is bad" })?.message).not.toContain(
      "SECRET",
    );
  });
});

it.each<WireError>([
  {},
  { code: null },
  { code: 429 },
  { code: "invalid_size", message: "content_filter" },
  { message: "moderation_blocked" },
])("%j is no refusal", (error) => {
  expect(refusalOf(error)).toBeUndefined();
});

it.each([
  { code: "contentFilter", inner_error: "text" },
  { code: "contentFilter", inner_error: { content_filter_results: [] } },
  { code: "contentFilter", type: 7, param: {} },
  { code: "contentFilter", message: { text: "x" } },
])("%j is a refusal, however odd the rest of it is", (body) => {
  expect(refusalOf(wireError.parse(body))).toMatchObject({ code: "contentFilter" });
});
