import { expect, it } from "vitest";
import { reportedLimits } from "../../../../src/adapters/openai/reported-limits.ts";

const minute = (count: number) => ({ count, windowMs: 60_000 });

it.each([
  ["nothing", {}, undefined],
  ["requests in a minute", { "limit-requests": "6" }, { requests: minute(6) }],
  [
    "images too, and what is left until when",
    { "limit-requests": "500", "limit-images": "5", "remaining-requests": "0", "reset-requests": "1m6.5s" },
    { requests: minute(500), images: minute(5), remaining: { requests: 0, resetMs: 66_500 } },
  ],
  [
    "seconds, as Azure writes them",
    { "remaining-requests": "3", "reset-requests": "10" },
    { remaining: { requests: 3, resetMs: 10_000 } },
  ],
  [
    "milliseconds",
    { "remaining-requests": "0", "reset-requests": "120ms" },
    { remaining: { requests: 0, resetMs: 120 } },
  ],
  [
    "what makes no sense",
    { "limit-requests": "-1", "remaining-requests": "x", "reset-requests": "soon" },
    undefined,
  ],
  ["no limit at all", { "limit-requests": "0" }, undefined],
])("headers may say %s", (_, said, expected) => {
  const headers = new Headers(Object.entries(said).map(([name, value]) => [`x-ratelimit-${name}`, value]));
  expect(reportedLimits(headers)).toEqual(expected);
});
