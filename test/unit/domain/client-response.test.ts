import { describe, expect, it } from "vitest";
import { type ClientResponse, responseToJoin } from "../../../src/domain/client-response.ts";

const now = new Date("2026-03-04T05:06:07.000Z");
const ago = (ms: number) => new Date(now.getTime() - ms).toISOString();
const minutes = 60_000;
const response = (jobId: string, ageMs: number, facts: Partial<ClientResponse> = {}): ClientResponse => ({
  jobId,
  bodyHash: "b",
  recordedAt: ago(ageMs),
  ...facts,
});
const lost = { outcome: "lost", settledAt: ago(1) } as const;
const held = { heldUntil: ago(-1) };
const delivered = (ageMs: number) => ({ outcome: "delivered", settledAt: ago(ageMs) }) as const;
const joined = (responses: ClientResponse[], isRetry = false) =>
  responseToJoin(responses, { isRetry, now })?.jobId;

describe("a request that says nothing of itself", () => {
  it.each<[string, string | undefined, ClientResponse[]]>([
    ["the oldest that was lost", "a", [response("b", 8_000, lost), response("a", 9_000, lost)]],
    ["one whose lease ran out", "a", [response("a", 9_000, { heldUntil: ago(1) })]],
    ["one that died before its first renewal", "a", [response("a", 6_001)]],
    ["what was lost before what died", "b", [response("a", 9_000), response("b", 8_000, lost)]],
    ["nothing that somebody waits for", undefined, [response("a", 9_000, held), response("b", 5_999)]],
    ["nothing that was delivered", undefined, [response("a", 9_000, delivered(1))]],
    ["nothing older than ten minutes", undefined, [response("a", 10 * minutes + 1, lost)]],
    ["what is ten minutes old", "a", [response("a", 10 * minutes, lost)]],
  ])("joins %s", (_what, job, responses) => {
    expect(joined(responses)).toBe(job);
  });
});

describe("a retry that says so", () => {
  const open = response("open", 9_000, held);
  it.each<[string, string | undefined, ClientResponse[]]>([
    ["what was lost first", "a", [open, response("a", 1, lost), response("b", 1, delivered(1))]],
    [
      "then what was delivered last",
      "b",
      [open, response("a", 1, delivered(2)), response("b", 3, delivered(1))],
    ],
    ["then what somebody seems to wait for", "open", [open]],
    [
      "nothing that was delivered before its client can have waited",
      undefined,
      [response("a", 95_000, delivered(90_001))],
    ],
    ["what was delivered a minute and a half ago", "a", [response("a", 95_000, delivered(90_000))]],
  ])("joins %s", (_what, job, responses) => {
    expect(joined(responses, true)).toBe(job);
  });
});
