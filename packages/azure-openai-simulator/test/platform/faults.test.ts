import OpenAI, { APIConnectionError, APIError } from "openai";
import { describe, expect, it } from "vitest";
import { aPrompt, dalle3Path, dataOf, inspect, simulate, type Simulated } from "./support.ts";

/** Reads an answer byte by byte, and says how far it came and what then happened. */
async function readFar({ url, credentials }: Simulated, prompt: string, signal?: AbortSignal) {
  const seen = { status: 0, promised: 0, received: 0, ended: false };
  try {
    const body = JSON.stringify({ prompt, response_format: "b64_json" });
    const request = { method: "POST", headers: credentials, body, ...(signal ? { signal } : {}) };
    const response = await fetch(new URL(dalle3Path, url), request);
    seen.status = response.status;
    seen.promised = Number(response.headers.get("content-length"));
    for await (const chunk of response.body!) seen.received += (chunk as Uint8Array).length;
    seen.ended = true;
  } catch {
    // What matters is how far it came.
  }
  return seen;
}

describe("a status in place of the answer", () => {
  it.each([
    [401, "401"],
    [403, "Forbidden"],
    [408, "Timeout"],
    [409, "Conflict"],
    [429, "429"],
    [500, "InternalServerError"],
    [502, "BadGateway"],
    [503, "ServiceUnavailable"],
    [504, "Timeout"],
  ])("%i says %s and bills nothing", async (status, code) => {
    const simulated = await simulate();
    const prompt = aPrompt(`[[${status}]]`);
    const request = simulated.azure("dalle3", "2024-02-01").images.generate({ prompt });
    const error = await request.catch((reason: unknown) => reason as APIError);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status, code });
    expect((await simulated.ledger(prompt)).calls).toMatchObject([{ status, outcome: "not_billed" }]);
  });

  it("of a blocked account speaks of the resource, not of the prompt", async () => {
    const simulated = await simulate();
    expect((await simulated.dalle3(aPrompt("[[403]]"))).body).toMatchObject({
      error: { code: "Forbidden", message: expect.stringContaining("temporarily blocked") as string },
    });
  });

  it("comes as often as told and then no more", async () => {
    const simulated = await simulate();
    const prompt = aPrompt("[[401 times=1]]");
    const statuses = [await simulated.dalle3(prompt), await simulated.dalle3(prompt)].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([401, 200]);
  });

  it("may hide work that was done and billed", async () => {
    const simulated = await simulate();
    const prompt = aPrompt("[[504 billed]]");
    expect((await simulated.dalle3(prompt)).status).toBe(504);
    expect((await simulated.ledger(prompt)).calls).toMatchObject([{ status: 504, outcome: "billed" }]);
  });

  it("is retried by the openai client, which is told apart in the ledger", async () => {
    const simulated = await simulate();
    const { url, apiKey } = simulated;
    const client = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey, maxRetries: 1 });
    const prompt = aPrompt("[[503 retry-after=20ms times=1]]");
    await client.images.generate({ model: "dalle3", prompt });
    expect((await simulated.ledger(prompt)).calls.map(({ status }) => status)).toEqual([503, 200]);
  });

  it.each(["submit", "generate"] as const)("strikes %s in that route's own words", async (route) => {
    const simulated = await simulate();
    const prompt = aPrompt("[[429=1]]");
    const answer = route === "submit" ? await simulated.submit(prompt) : await simulated.dalle3(prompt);
    const code = route === "submit" ? "tooManyRequests" : "429";
    expect(answer).toMatchObject({ status: 429, body: { error: { code } } });
  });
});

describe("told to wait", () => {
  it.each([
    ["[[429=4]]", "4", null, 4000],
    ["[[429=0]]", "0", null, 0],
    ["[[429=3600]]", "3600", null, 3_600_000],
    ["[[429=250ms]]", null, "250", 250],
    ["[[429]]", null, null, undefined],
  ])("%s", async (words, seconds, milliseconds, expectedWait) => {
    const simulated = await simulate();
    const prompt = aPrompt(words);
    const { headers } = await simulated.dalle3(prompt);
    expect(headers.get("retry-after")).toBe(seconds);
    expect(headers.get("retry-after-ms")).toBe(milliseconds);
    expect((await simulated.ledger(prompt)).calls[0]!.retry_after_ms).toBe(expectedWait);
  });

  it("as a date that is not earlier than said", async () => {
    const simulated = await simulate();
    const before = Date.now();
    const { headers } = await simulated.dalle3(aPrompt("[[429=date:4]]"));
    const expectedWait = headers.get("retry-after")!;
    expect(expectedWait).toMatch(/GMT$/);
    expect(Date.parse(expectedWait)).toBeGreaterThanOrEqual(before + 4000);
  });
});

describe("a connection", () => {
  it("is reset on arrival before any work, or before headers after it", async () => {
    const simulated = await simulate();
    const prompts = [aPrompt("[[cut=arrival]]"), aPrompt("[[cut=before]]")];
    for (const prompt of prompts) {
      const request = simulated.azure("dalle3", "2024-02-01").images.generate({ prompt });
      await expect(request).rejects.toBeInstanceOf(APIConnectionError);
    }
    const { calls } = await simulated.ledger();
    expect(calls).toMatchObject([
      { status: null, outcome: "not_billed", client_hung_up: false },
      { status: null, outcome: "billed", client_hung_up: false },
    ]);
  });

  it("is reset right after the headers", async () => {
    const simulated = await simulate();
    expect(await readFar(simulated, aPrompt("[[cut=headers]]"))).toMatchObject({
      status: 200,
      received: 0,
      ended: false,
    });
  });

  it.each([10, 50, 99])("is reset at %i percent of the body", async (share) => {
    const simulated = await simulate();
    const seen = await readFar(simulated, aPrompt(`[[cut=${share}%]]`));
    expect(seen).toMatchObject({ status: 200, ended: false });
    expect(seen.received).toBe(Math.floor((seen.promised * share) / 100));
  });

  it.each(["[[cut]]", "[[cut=body]]"])("is reset half way by %s", async (words) => {
    const simulated = await simulate();
    const seen = await readFar(simulated, aPrompt(words));
    expect(seen.received).toBe(Math.floor(seen.promised / 2));
  });

  it.each(["arrival", "before", "headers", "50%"])("stalls at %s until the client leaves", async (place) => {
    const simulated = await simulate();
    const prompt = aPrompt(`[[stall=${place}]]`);
    const seen = await readFar(simulated, prompt, AbortSignal.timeout(800));
    expect(seen.ended).toBe(false);
    await expect.poll(async () => (await simulated.ledger(prompt)).totals.client_hung_up).toBe(1);
    await expect.poll(async () => (await simulated.ledger(prompt)).in_flight).toBe(0);
  });

  it("trickles", async () => {
    const simulated = await simulate();
    const seen = await readFar(simulated, aPrompt("[[rate=20]]"), AbortSignal.timeout(1000));
    expect(seen.ended).toBe(false);
    expect(seen.received).toBeGreaterThan(0);
    expect(seen.received).toBeLessThan(seen.promised / 100);
  });
});

describe("an answer", () => {
  it("is cut off in its text though the connection is whole", async () => {
    const simulated = await simulate();
    const answer = await simulated.gptImage(aPrompt("[[body=truncated]]"));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(/^\{"created"/);
  });

  it("is an HTML page, with any status", async () => {
    const simulated = await simulate();
    for (const [words, status] of [["[[body=html]]", 200] as const, ["[[502 body=html]]", 502] as const]) {
      const answer = await simulated.dalle3(aPrompt(words));
      expect(answer.status).toBe(status);
      expect(answer.headers.get("content-type")).toBe("text/html");
      expect(answer.body).toMatch(/^<!doctype html>/);
    }
  });

  it("is an error under status 200", async () => {
    const simulated = await simulate();
    const prompt = aPrompt("[[body=error]]");
    const reply = await simulated.azure("dalle3", "2024-02-01").images.generate({ prompt });
    expect(reply).toMatchObject({ error: { code: "InternalServerError" } });
  });

  it("has no body, or the wrong type", async () => {
    const simulated = await simulate();
    expect(await simulated.dalle3(aPrompt("[[body=none]]"))).toMatchObject({ status: 200, body: "" });
    const { headers } = await simulated.dalle3(aPrompt("[[content-type=text/plain]]"));
    expect(headers.get("content-type")).toBe("text/plain");
  });

  it("has a clock ten minutes off", async () => {
    const simulated = await simulate();
    const answer = await simulated.dalle3(aPrompt("[[clock=-600]]"));
    const now = Date.now() / 1000;
    const { created } = answer.body as { created: number };
    expect(now - created).toBeGreaterThanOrEqual(599);
    expect(now - Date.parse(answer.headers.get("date")!) / 1000).toBeGreaterThanOrEqual(599);
  });

  it("does not come before its latency has passed", async () => {
    const simulated = await simulate();
    const startedAt = Date.now();
    await simulated.dalle3(aPrompt("[[latency=300]]"));
    await simulated.dalle3(aPrompt("[[503 latency=300]]"));
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(600);
  });
});

describe("pictures", () => {
  it.each([
    ["[[empty]]", 0],
    ["[[images=1]]", 1],
    ["[[images=5]]", 5],
  ])("are more or fewer than asked: %s", async (words, count) => {
    const simulated = await simulate();
    const prompt = aPrompt(words);
    expect(dataOf(await simulated.gptImage(prompt, { n: 3, quality: "low" }))).toHaveLength(count);
    expect((await simulated.ledger(prompt)).totals.images_billed).toBe(count);
  });

  it("are base64 that is not base64", async () => {
    const simulated = await simulate();
    const [item] = dataOf(await simulated.gptImage(aPrompt("[[base64=invalid]]")));
    expect(item!.b64_json).not.toMatch(/^[A-Za-z0-9+/]*={0,2}$/);
  });

  it.each(["jpeg", "webp", "gif"])("are %s when PNG was asked", async (format) => {
    const simulated = await simulate();
    const [item] = dataOf(await simulated.gptImage(aPrompt(`[[image-format=${format}]]`)));
    expect(await inspect(Buffer.from(item!.b64_json!, "base64"))).toMatchObject({ format });
  });

  it("are no pictures at all, or of another size", async () => {
    const simulated = await simulate();
    const [text] = dataOf(await simulated.gptImage(aPrompt("[[image-format=text]]")));
    expect(Buffer.from(text!.b64_json!, "base64").toString()).toContain("not an image");
    const [small] = dataOf(await simulated.gptImage(aPrompt("[[image-size=64x32]]")));
    expect(await inspect(Buffer.from(small!.b64_json!, "base64"))).toMatchObject({ width: 64, height: 32 });
  });
});

describe("rules over HTTP", () => {
  it("strike what they match: model, deployment, route, prompt", async () => {
    const simulated = await simulate();
    const id = aPrompt();
    await simulated.rules(
      { match: { model: "gpt-image-1" }, fault: { status: 500 } },
      { match: { deployment: "gpt-image-2" }, fault: { status: 502 } },
      { match: { route: "submit" }, fault: { status: 503 } },
      { match: { promptIncludes: "volcano" }, fault: { status: 504 } },
    );
    const statuses = [
      await simulated.gptImage(id),
      await simulated.gptImage(id, { model: "gpt-image-2" }),
      await simulated.submit(id),
      await simulated.dalle3(`${id} volcano`),
      await simulated.dalle3(id),
    ].map(({ status }) => status);
    expect(statuses).toEqual([500, 502, 503, 504, 200]);
  });

  it("count their matches, from nth for times", async () => {
    const simulated = await simulate();
    await simulated.rules({ match: { nth: 2 }, times: 2, fault: { status: 429, retryAfter: 1 } });
    const statuses = [];
    for (let call = 1; call <= 4; call += 1) statuses.push((await simulated.dalle3(aPrompt())).status);
    expect(statuses).toEqual([200, 429, 429, 200]);
    expect(await simulated.send("GET", "/simulator/faults")).toMatchObject({ body: [{ seen: 4 }] });
  });

  it("are appended by POST, replaced by PUT and cleared by DELETE", async () => {
    const simulated = await simulate();
    await simulated.rules({ fault: { status: 500 } });
    await simulated.send("POST", "/simulator/faults", [{ match: { nth: 2 }, fault: { status: 503 } }]);
    expect((await simulated.dalle3(aPrompt())).status).toBe(500);
    expect((await simulated.dalle3(aPrompt())).status).toBe(503);
    await simulated.rules({ fault: { status: 504 } });
    expect((await simulated.dalle3(aPrompt())).status).toBe(504);
    await simulated.send("DELETE", "/simulator/faults");
    expect((await simulated.dalle3(aPrompt())).status).toBe(200);
  });

  it("and words alike are counted from the start once cleared", async () => {
    const simulated = await simulate();
    const prompt = aPrompt("[[503 times=1]]");
    const statuses = [await simulated.dalle3(prompt), await simulated.dalle3(prompt)];
    await simulated.send("DELETE", "/simulator/faults");
    statuses.push(await simulated.dalle3(prompt));
    expect(statuses.map(({ status }) => status)).toEqual([503, 200, 503]);
  });

  it("yield to words in the prompt", async () => {
    const simulated = await simulate();
    await simulated.rules({ fault: { status: 500, retry_after: 7 } });
    const { status, headers } = await simulated.dalle3(aPrompt("[[503]]"));
    expect([status, headers.get("retry-after")]).toEqual([503, "7"]);
  });

  it("that make no sense are refused in plain words", async () => {
    const simulated = await simulate();
    const answer = await simulated.rules({ fault: { stats: 500 } });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("stats") as string },
    });
    expect(await simulated.send("PUT", "/simulator/faults", "{")).toMatchObject({ status: 400 });
  });
});

describe("a word nobody knows", () => {
  it("is refused rather than passed over", async () => {
    const simulated = await simulate();
    expect(await simulated.dalle3(aPrompt("[[refsue]]"))).toMatchObject({
      status: 400,
      body: { error: { code: "simulatorWord" } },
    });
  });
});
