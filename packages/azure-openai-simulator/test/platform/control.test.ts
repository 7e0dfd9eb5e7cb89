import { describe, expect, it } from "vitest";
import { aPrompt, simulate } from "./support.ts";

describe("the controls", () => {
  it("say what exists", async () => {
    const simulated = await simulate();
    const { body } = await simulated.send("GET", "/simulator");
    expect(body).toMatchObject({ url: simulated.url, deployments: { dalle3: "dall-e-3" } });
    expect((body as { controls: string[] }).controls).toContain("GET /simulator/ledger");
  });

  it("change latency while the simulator runs, model by model", async () => {
    const simulated = await simulate();
    const change = { latency_ms: { "dall-e-3": 100 }, latency_scale: 3 };
    const { body } = await simulated.send("PUT", "/simulator/settings", change);
    expect(body).toMatchObject({ latency_ms: { "dall-e-3": 100, "gpt-image-1": 0 }, latency_scale: 3 });
    const startedAt = Date.now();
    await simulated.dalle3(aPrompt());
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(300);
  });

  it("refuse settings nobody knows and leave the rest alone", async () => {
    const simulated = await simulate();
    const before = await simulated.send("GET", "/simulator/settings");
    for (const change of [{ latnecy: 1 }, { latency_ms: { "dall-e-9": 1 } }, { latency_scale: -1 }]) {
      expect((await simulated.send("PUT", "/simulator/settings", change)).status).toBe(400);
    }
    expect((await simulated.send("GET", "/simulator/settings")).body).toEqual(before.body);
  });

  it("limit a deployment's rate: one more is turned away, and replies tell the limit", async () => {
    const simulated = await simulate({ settings: { rate_limits: { dalle3: { requests: 2 } } } });
    const answers = [];
    for (let call = 0; call < 3; call += 1) answers.push(await simulated.dalle3(aPrompt()));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get("x-ratelimit-remaining-requests"))).toEqual([
      "1",
      "0",
      "0",
    ]);
    expect(answers[2]?.headers.get("retry-after")).toMatch(/^(59|60)$/);
    expect((await simulated.gptImage(aPrompt())).headers.get("x-ratelimit-limit-requests")).toBeNull();
  });

  it("are not found under other names", async () => {
    const simulated = await simulate();
    expect((await simulated.send("GET", "/simulator/nothing")).status).toBe(404);
  });
});

describe("closing", () => {
  it("ends calls that wait, and does not wait for them", async () => {
    const simulated = await simulate();
    const waiting = simulated.dalle3(aPrompt("[[latency=3600000]]")).catch(() => "ended");
    await expect.poll(async () => (await simulated.ledger()).in_flight).toBe(1);
    await simulated.close();
    expect(await waiting).toBe("ended");
  });
});
