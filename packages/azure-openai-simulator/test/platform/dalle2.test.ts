import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { aPrompt, download, eventually, inspect, operationUrl, settle, simulate } from "./support.ts";

interface ShapeA {
  readonly created: number;
  readonly expires: number;
  readonly result: { readonly data: readonly { readonly url: string }[] };
}

describe("a DALL-E 2 operation", () => {
  it("goes from notRunning over running to its pictures", async () => {
    const simulated = await simulate({
      settings: { latency_ms: { "dall-e-2": 1000 }, retry_after_seconds: 2 },
    });
    const submitted = await simulated.submit(aPrompt(), { n: 3, size: "512x512" });
    const { id } = submitted.body as { id: string };
    expect(submitted).toMatchObject({ status: 202, body: { id, status: "notRunning" } });
    expect(submitted.headers.get("retry-after")).toBe("2");
    expect(submitted.headers.get("x-ms-request-id")).toBeTruthy();
    expect(new URL(operationUrl(submitted)).pathname).toBe(`/openai/operations/images/${id}`);

    const poll = () => simulated.send("GET", operationUrl(submitted));
    const running = await eventually(
      poll,
      ({ body }) => (body as { status: string }).status !== "notRunning",
    );
    expect(running.body).toEqual({ id, status: "running" });
    expect(running.headers.get("retry-after")).toBe("2");

    const done = await settle(simulated, submitted);
    const { created, expires, result } = done.body as ShapeA;
    expect(done.body).toMatchObject({ id, status: "succeeded" });
    expect(done.headers.get("retry-after")).toBeNull();
    expect(expires - created).toBe(86_405);
    expect(result.data).toHaveLength(3);
    const files = await Promise.all(result.data.map(({ url }) => download(url)));
    for (const file of files) expect(await inspect(file)).toMatchObject({ width: 512, height: 512 });
    expect(new Set(files.map((file) => file.toString("base64"))).size).toBe(3);
  });

  it("is not ready before its latency has passed, and its pictures keep their addresses", async () => {
    const simulated = await simulate({ settings: { latency_ms: { "dall-e-2": 300 } } });
    const submittedAt = Date.now();
    const submitted = await simulated.submit(aPrompt());
    const first = await settle(simulated, submitted);
    expect(Date.now() - submittedAt).toBeGreaterThanOrEqual(300);
    expect((await settle(simulated, submitted)).body).toEqual(first.body);
  });

  it("reports in shape B when the settings say so", async () => {
    const simulated = await simulate({ settings: { result_shape: "B" } });
    const { body } = await settle(simulated, await simulated.submit(aPrompt(), { n: 2 }));
    const url = { url: expect.stringContaining("http") as string };
    expect(body).toMatchObject({ status: "succeeded", data: [url, url] });
    expect(body).not.toHaveProperty("result");
  });

  it("can be deleted once it rests, and not before", async () => {
    const simulated = await simulate({ settings: { latency_ms: { "dall-e-2": 1000 } } });
    const submitted = await simulated.submit(aPrompt());
    const early = await simulated.send("DELETE", operationUrl(submitted));
    expect(early).toMatchObject({ status: 409, body: { error: { code: "operationNotInTerminalState" } } });
    expect(early.headers.get("x-ms-error-code")).toBe("operationNotInTerminalState");
    await settle(simulated, submitted);
    expect((await simulated.send("DELETE", operationUrl(submitted))).status).toBe(204);
    const gone = await simulated.send("GET", operationUrl(submitted));
    expect(gone).toMatchObject({ status: 404, body: { error: { code: "notFound" } } });
    expect((await simulated.send("DELETE", operationUrl(submitted))).status).toBe(404);
  });

  it("expires", async () => {
    const simulated = await simulate({ settings: { operation_life_seconds: 0.2 } });
    const submitted = await simulated.submit(aPrompt());
    await sleep(250);
    expect((await simulated.send("GET", operationUrl(submitted))).status).toBe(404);
  });

  it("is polled under the older path as well", async () => {
    const simulated = await simulate();
    const submitted = await simulated.submit(aPrompt("[[operation-path=dalle]]"));
    expect(operationUrl(submitted)).toContain("/openai/dalle/operations/images/");
    expect((await settle(simulated, submitted)).status).toBe(200);
  });
});

describe("Operation-Id", () => {
  it("makes a repeated submit one operation, billed once", async () => {
    const simulated = await simulate();
    const prompt = aPrompt();
    const header = { "Operation-Id": randomUUID() };
    const first = await simulated.submit(prompt, {}, header);
    await settle(simulated, first);
    const second = await simulated.submit(prompt, {}, header);
    expect(second).toMatchObject({ status: 202, body: { id: header["Operation-Id"], status: "succeeded" } });
    expect(operationUrl(second)).toBe(operationUrl(first));
    const ledger = await simulated.ledger(prompt);
    expect(ledger.totals.images_billed).toBe(1);
    expect(ledger.in_flight).toBe(0);
  });

  it("with another request is refused", async () => {
    const simulated = await simulate();
    const header = { "Operation-Id": randomUUID() };
    await simulated.submit(aPrompt(), {}, header);
    const answer = await simulated.submit(aPrompt(), {}, header);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "badRequest" } } });
  });

  it("that is no UUID is refused", async () => {
    const simulated = await simulate();
    expect((await simulated.submit(aPrompt(), {}, { "Operation-Id": "7" })).status).toBe(400);
  });
});

describe("an operation's faults", () => {
  it("keep it running for ever, or in a state nobody knows", async () => {
    const simulated = await simulate();
    for (const word of ["running", "dreaming"]) {
      const submitted = await simulated.submit(aPrompt(`[[operation=${word}]]`));
      const poll = () => simulated.send("GET", operationUrl(submitted));
      await eventually(poll, ({ body }) => (body as { status: string }).status === word);
      await sleep(100);
      expect((await poll()).body).toMatchObject({ status: word });
    }
    const ledger = await simulated.ledger();
    expect(ledger).toMatchObject({ in_flight: 2, totals: { images_billed: 0 } });
  });

  it("make it fail for a reason, unbilled", async () => {
    const simulated = await simulate();
    const words = '[[operation=failed code=internal message="The paint ran out."]]';
    const { body } = await settle(simulated, await simulated.submit(aPrompt(words)));
    expect(body).toMatchObject({
      status: "failed",
      error: { code: "internal", message: "The paint ran out." },
    });
    expect((await simulated.ledger()).totals.images_billed).toBe(0);
  });

  it("lose it midway", async () => {
    const simulated = await simulate();
    const submitted = await simulated.submit(aPrompt("[[404 on=poll nth=2]]"));
    const statuses = [];
    for (let poll = 1; poll <= 3; poll += 1) {
      statuses.push((await simulated.send("GET", operationUrl(submitted))).status);
    }
    expect(statuses).toEqual([200, 404, 200]);
  });

  it("begin it in the older word", async () => {
    const simulated = await simulate();
    const submitted = await simulated.submit(aPrompt("[[first-status=notStarted]]"));
    expect(submitted.body).toMatchObject({ status: "notStarted" });
  });

  it("move it to another host", async () => {
    const simulated = await simulate();
    const near = await simulated.submit(aPrompt("[[operation-host=localhost]]"));
    expect(new URL(operationUrl(near)).host).toBe(
      new URL(simulated.url).host.replace("127.0.0.1", "localhost"),
    );
    const far = await simulated.submit(aPrompt("[[operation-host=other.example:444]]"));
    expect(new URL(operationUrl(far)).host).toBe("other.example:444");
  });

  it("tell the client when to come back", async () => {
    const simulated = await simulate();
    const submitted = await simulated.submit(aPrompt("[[operation=running]] [[retry-after=9 on=poll]]"));
    const { headers } = await simulated.send("GET", operationUrl(submitted));
    expect(headers.get("retry-after")).toBe("9");
  });
});
