import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aPrompt, dalle3Path, eventually, operationUrl, settle, simulate } from "./support.ts";

describe("the ledger", () => {
  it("knows each call: who asked for what, when, and what became of it", async () => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const before = Date.now();
    await simulated.gptImage(prompt, { n: 2, quality: "low" });
    const { calls, totals } = await simulated.ledger(prompt);
    expect(calls).toMatchObject([
      {
        route: "generate",
        method: "POST",
        path: "/openai/v1/images/generations",
        model: "gpt-image-1",
        deployment: "gpt-image",
        prompt,
        prompt_sha256: createHash("sha256").update(prompt).digest("hex"),
        status: 200,
        outcome: "billed",
        images_billed: 2,
        client_hung_up: false,
      },
    ]);
    expect(calls[0]!.started_at).toBeGreaterThanOrEqual(before);
    expect(calls[0]!.finished_at).toBeGreaterThanOrEqual(calls[0]!.started_at);
    expect(totals).toMatchObject({ calls: 1, generations: 1, images_billed: 2, by_status: { 200: 1 } });
  });

  it("counts pictures as billed though the client hung up before they came", async () => {
    const simulated = await simulate({ settings: { latency_ms: { "dall-e-3": 1000 } } });
    const prompt = aPrompt();
    const leaving = new AbortController();
    const request = fetch(new URL(dalle3Path, simulated.url), {
      method: "POST",
      headers: simulated.credentials,
      body: JSON.stringify({ prompt }),
      signal: leaving.signal,
    }).catch(() => "left");
    const ask = () => simulated.ledger(prompt);
    await eventually(ask, ({ in_flight }) => in_flight === 1);
    leaving.abort();
    expect(await request).toBe("left");
    const ledger = await eventually(ask, ({ in_flight }) => in_flight === 0);
    expect(ledger.calls).toMatchObject([{ status: null, outcome: "billed", client_hung_up: true }]);
  });

  it("knows the most calls in flight, overall and by deployment", async () => {
    const simulated = await simulate({ settings: { latency_ms: { "dall-e-3": 700, "gpt-image-1": 700 } } });
    const together = [1, 2, 3].map(() => simulated.dalle3(aPrompt()));
    await Promise.all([...together, simulated.gptImage(aPrompt())]);
    await simulated.dalle3(aPrompt());
    const ledger = await simulated.ledger();
    expect(ledger.in_flight_max).toBe(4);
    expect(ledger.in_flight_max_by_deployment).toEqual({ dalle3: 3, "gpt-image": 1 });
    expect(ledger.in_flight).toBe(0);
  });

  it("keeps a DALL-E 2 operation in flight until it rests", async () => {
    const simulated = await simulate({ settings: { latency_ms: { "dall-e-2": 1000 } } });
    const first = await simulated.submit(aPrompt());
    const second = await simulated.submit(aPrompt());
    expect((await simulated.ledger()).in_flight).toBe(2);
    await settle(simulated, first);
    await settle(simulated, second);
    await settle(simulated, await simulated.submit(aPrompt()));
    const ledger = await simulated.ledger();
    expect([ledger.in_flight, ledger.in_flight_max]).toEqual([0, 2]);
    expect(ledger.in_flight_max_by_deployment).toEqual({ "dall-e-2": 2 });
  });

  it("lists an operation's polls and deletes with their times", async () => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const submitted = await simulated.submit(prompt, { n: 2 });
    await settle(simulated, submitted);
    await simulated.send("DELETE", operationUrl(submitted));
    const { operations, calls } = await simulated.ledger(prompt);
    expect(operations).toHaveLength(1);
    expect(operations[0]).toMatchObject({ images_billed: 2, deletes: [{ status: 204 }] });
    const polls = operations[0]!.polls;
    expect(polls.at(-1)).toMatchObject({ status: 200, operation_status: "succeeded" });
    expect(polls.map(({ at }) => at)).toEqual(
      calls.filter(({ route }) => route === "poll").map(({ started_at }) => started_at),
    );
  });

  it("is filtered by model and deployment, and reset", async () => {
    const simulated = await simulate();
    await simulated.dalle3(aPrompt());
    await simulated.gptImage(aPrompt());
    await simulated.submit(aPrompt());
    const count = async (query: string) => {
      const { body } = await simulated.send("GET", `/simulator/ledger?${query}`);
      return (body as { totals: { calls: number } }).totals.calls;
    };
    expect(await count("model=dall-e-3")).toBe(1);
    expect(await count("deployment=gpt-image")).toBe(1);
    expect(await count("prompt_includes=otter")).toBe(3);
    expect(await count("prompt_includes=volcano")).toBe(0);
    expect((await simulated.send("DELETE", "/simulator/ledger")).status).toBe(204);
    expect(await count("")).toBe(0);
  });
});
