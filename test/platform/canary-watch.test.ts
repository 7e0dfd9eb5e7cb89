import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CanaryWatch } from "../support/canary-watch.ts";

let watch: CanaryWatch;
let collector: string;

beforeEach(async () => {
  watch = new CanaryWatch();
  ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector = "" } = await watch.start());
  watch.heed(JSON.stringify({ prompt: 'a "quoted" lighthouse' }));
});
afterEach(async () => {
  await watch.end({ log: "", key: undefined });
});

describe("the watch for what must never be told", () => {
  it("finds nothing in what is well", async () => {
    const log = "POST /api/images/generations 202 in 12 ms; a lighthouse; https://x/images/a.png";
    expect(await watch.end({ log, key: "key-of-a-caller" })).toEqual([]);
  });

  it.each([
    ["the prompt", 'drawing a "quoted" lighthouse now'],
    ["the prompt", '{"text":"a \\"quoted\\" lighthouse"}'],
    ["a link", "GET http://127.0.0.1/images/a.png?sv=2025-05-05&sig=abcDEF%2B123"],
    ["a signed address", "polled /api/jobs/j/result?expires=1&signature=abcdef-0123"],
    ["a secret of webhooks", "signed with whsec_abcdef0123"],
    ["a key of storage", "AccountName=a;AccountKey=Eby8vdM02xNOcqFl"],
    ["the caller's key", "api-key: key-of-a-caller"],
  ])("finds %s in a log", async (what, line) => {
    const found = await watch.end({ log: `before\n${line}\nafter`, key: "key-of-a-caller" });
    expect(found).toEqual([expect.stringContaining(`the log holds ${what}`)]);
  });

  it("finds a prompt of a form, and in what is told to a collector", async () => {
    const form = new FormData();
    form.set("prompt", "a balloon over hills");
    watch.heed(form);
    await fetch(`${collector}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceSpans: [], said: "a balloon over hills" }),
    });
    expect(await watch.end({ log: "", key: undefined })).toEqual([
      'telemetry holds the prompt "a balloon over hills"',
    ]);
  });
});
