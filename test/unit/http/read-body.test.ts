import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anApp } from "../../support/app.ts";

/** Bodies that are no well-formed request at all, as POST /api/images/generations answers them. */

const path = "/api/images/generations";
const type = { "content-type": "application/json" };
const good = JSON.stringify({ model: "dall-e-3", prompt: "a cat" });
const maxBytes = 512 * 1024;

async function post(body: string | Uint8Array, headers: Record<string, string> = type) {
  const app = anApp();
  const { status, json, text } = await app.ask("generationsPost", { path, headers, body });
  return { status, json, text, spent: app.jobs.jobs.size + app.runner.started.length };
}

describe("a body", () => {
  it.each([
    ["", "is empty"],
    ["{", "not valid JSON"],
    [good.slice(0, -1), "not valid JSON"],
    [`${good}${good}`, "not valid JSON"],
    ["{'prompt': 'a cat'}", "not valid JSON"],
    [`{"prompt": "a cat", }`, "not valid JSON"],
    [`{"n": NaN}`, "not valid JSON"],
    [`{"n": 01}`, "not valid JSON"],
    [`{"prompt": "line\nbreak"}`, "not valid JSON"],
    ["prompt=a+cat", "not valid JSON"],
    ["[".repeat(100_000), "not valid JSON"],
    ["[]", "JSON object"],
    [`[${good}]`, "JSON object"],
    ["null", "JSON object"],
    ["7", "JSON object"],
    [`"a cat"`, "JSON object"],
    ["[".repeat(100_000) + "]".repeat(100_000), "JSON object"],
    ["{}", "prompt is required"],
  ])("as in %.40j is refused", async (body, why) => {
    const { status, json, spent } = await post(body);
    expect([status, json, spent]).toMatchObject([
      400,
      { error: { code: "invalidRequest", message: expect.stringContaining(why) as string } },
      0,
    ]);
  });

  it("that nests 100,000 deep inside a field is refused by the field's name", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const { status, json } = await post(`{"prompt": "a cat", "metadata": {"a": ${deep}}}`);
    expect([status, json]).toMatchObject([400, { error: { param: "metadata.a" } }]);
  });

  it("that isn't UTF-8 is refused", async () => {
    const bytes = Buffer.concat([
      Buffer.from(`{"prompt": "`),
      Buffer.from([0xc3, 0x28, 0xff]),
      Buffer.from(`"}`),
    ]);
    expect(await post(bytes)).toMatchObject({
      status: 400,
      json: { error: { param: "body", message: "The body is not valid UTF-8." } },
    });
  });

  it("may start with a byte order mark, as some clients write one", async () => {
    expect((await post(`\ufeff${good}`)).status).toBe(202);
  });

  it("with a field twice means the last, as every JSON reader has it", async () => {
    const { status, json } = await post(`{"model": "dall-e-3", "prompt": "a cat", "n": 3, "n": 2}`);
    expect([status, json]).toMatchObject([202, { request: { n: 2 } }]);
  });

  it("that is broken is never quoted in its refusal", async () => {
    expect((await post(`{"prompt": "SECRET-PROMPT" "n": 1}`)).text).not.toContain("SECRET-PROMPT");
  });
});

describe("a body's type", () => {
  it.each(["text/plain", "multipart/form-data; boundary=x", "application/jsonp", "application/x-ndjson", ""])(
    "%j is unsupported",
    async (contentType) => {
      const { status, json, spent } = await post(good, { "content-type": contentType });
      expect([status, json, spent]).toMatchObject([415, { error: { code: "unsupportedMedia" } }, 0]);
    },
  );

  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/x.y+json",
  ])("%s is read", async (contentType) => {
    expect((await post(good, { "content-type": contentType })).status).toBe(202);
  });
});

describe("a body's size", () => {
  const padded = (bytes: number) => good + " ".repeat(bytes - good.length);

  it("may be the most there is", async () => {
    expect((await post(padded(maxBytes))).status).toBe(202);
  });

  it.each([
    ["with a length that says so", { "content-length": String(maxBytes + 1) }],
    ["without a length", {}],
    ["with a length that is a lie", { "content-length": "10" }],
    ["with a length that is no number", { "content-length": "many" }],
  ])("above it is too large, %s", async (_how, length) => {
    const { status, json, spent } = await post(padded(maxBytes + 1), { ...type, ...length });
    expect([status, json, spent]).toMatchObject([413, { error: { code: "tooLarge" } }, 0]);
  });

  it("is judged by its declared length before a byte is read", async () => {
    const declared = { ...type, "content-length": String(maxBytes + 1) };
    expect((await post(good, declared)).status).toBe(413);
  });
});

describe("a refusal's own size", () => {
  it.each([
    ["unknown fields", Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`field${i}`, 1]))],
    ["broken tags", { tags: Array.from({ length: 50_000 }, () => 1) }],
    [
      "broken pairs",
      { metadata: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1])) },
    ],
    ["one endless field", { ["x".repeat(400_000)]: 1 }],
    ["one endless pair", { metadata: { ["x".repeat(400_000)]: "v" } }],
  ])("stays small however much is wrong: %s", async (_what, fields) => {
    const { status, text } = await post(JSON.stringify({ prompt: "a cat", ...fields }));
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(32_000);
  });
});

it("no JSON value at all makes the app fail", async () => {
  const anything = fc.jsonValue({ stringUnit: "binary", maxDepth: 3 });
  const field = fc.constantFrom(
    "model",
    "prompt",
    "n",
    "size",
    "tags",
    "metadata",
    "user",
    "output_compression",
  );
  const nearMiss = fc
    .dictionary(
      field,
      fc.oneof(anything, fc.constantFrom("dall-e-3", "gpt-image-1", "a cat", "1024x1024", 2)),
    )
    .map((fields): unknown => ({ model: "dall-e-3", prompt: "a cat", ...fields }));
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, nearMiss), async (value) => {
      const { status, spent } = await post(JSON.stringify(value));
      expect([202, 400]).toContain(status);
      expect(spent).toBe(status === 202 ? 2 : 0);
    }),
    { numRuns: 150 },
  );
});

it("no bytes at all make the app fail", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
      expect((await post(bytes)).status).toBe(400);
    }),
    { numRuns: 100 },
  );
});
