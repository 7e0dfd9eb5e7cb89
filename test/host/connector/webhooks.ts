import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import type { ConnectorError, ImageJob, ImageOutcome } from "../../../src/connector/contracts/schemas.ts";
import { aPicture, download } from "../../support/edits.ts";
import type { WorkflowHarness } from "../../support/workflow/harness.ts";
import { tiny } from "./tiny.ts";

const ofRun =
  (run: string) =>
  ({ headers }: IncomingMessage) =>
    headers["x-ms-workflow-run-id"] === run;

/** Actions that wait to be called back, some of them while others wait as well. */
export function waitingActions({ darkroom, engine, webhooks, gateway }: WorkflowHarness): void {
  const imageParams = (prompt: string) => ({
    body: { prompt: `${prompt} ${tiny}`, deployment: "gpt-image" },
  });
  const statusOf = async (jobId: string) =>
    ((await engine.act("GetImageJob", { jobId })).body as ImageJob).status;
  const billed = async (prompt: string) => (await darkroom.ledger(prompt)).totals.images_billed;

  it.concurrent("is told of its images, with links and files, though it asked twice and lost answers", async () => {
    const run = engine.newRun();
    gateway().strike(
      ofRun(run),
      { isRefusedByGateway: 429, retryAfter: 2 },
      { cut: "once answered" },
      { cut: "once sent" },
    );
    const inputs = { body: { ...imageParams("an awaited kite").body, includeContent: true } };
    const { output, subscribed, location, address } = await webhooks.act("GenerateImageAndWait", inputs, {
      run,
      subscriptions: 2,
    });
    expect(subscribed.map(({ answers }) => answers)).toEqual([[429, "lost", "lost", 201], [201]]);
    expect(new Set(subscribed.map(({ headers }) => headers.get("location"))).size).toBe(1);
    const { jobId, status, images, error } = output as unknown as ImageOutcome;
    expect([status, images.length, error]).toEqual(["succeeded", 1, undefined]);
    for (const { url, contentBytes = "" } of images)
      expect(Buffer.from(contentBytes, "base64").equals(await download(url))).toBe(true);
    expect(await billed("an awaited kite")).toBe(1);

    // Once more by the same run, which has been told.
    const again = await engine.act("GenerateImageAndWait", inputs, { run, callbackUrl: address.url });
    expect([again.status, (again.body as ImageJob).jobId, await billed("an awaited kite")]).toEqual([
      201,
      jobId,
      1,
    ]);
    // As often as anybody likes: what has ended stays.
    expect(await webhooks.unsubscribe(location ?? "")).toBe(204);
    expect(await statusOf(jobId)).toBe("succeeded");
    expect(address.taken).toHaveLength(1);
  });

  it.concurrent.each([
    ["too much to do", { status: 429, retryAfter: 1 }],
    ["an error of its own", { status: 500 }],
  ])("is told again when it had %s", async (name, answer) => {
    const { output, address } = await webhooks.act(
      "GenerateImageAndWait",
      imageParams(`a kite for one with ${name}`),
      { answers: [answer] },
    );
    expect(output).toMatchObject({ status: "succeeded" });
    expect(address.received.map(({ answered }) => answered)).toEqual([answer.status, 202]);
    expect(address.received[0]?.json).toMatchObject({ jobId: (output as unknown as ImageOutcome).jobId });
  });

  it.concurrent("edits what it brings, and is told so", async () => {
    const images = [{ contentBytes: (await aPicture(3)).toString("base64") }];
    const { output } = await webhooks.act("EditImageAndWait", {
      body: { prompt: `an awaited edit ${tiny}`, images },
    });
    expect(output).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
    expect(await darkroom.calls("an awaited edit")).toMatchObject([{ route: "edit" }]);
  });

  it.concurrent("is told why nothing came of it", async () => {
    const { output } = await webhooks.act(
      "GenerateImageAndWait",
      imageParams("an awaited refusal [[refuse]]"),
    );
    expect(output).toMatchObject({
      status: "failed",
      images: [],
      error: { code: "contentFilter", retryable: false },
    });
  });

  it.concurrent("that gives up ends its job, without a key", async () => {
    const given = await webhooks.act(
      "GenerateImageAndWait",
      imageParams("a kite given up [[latency=60000]]"),
      {
        timeoutMs: 300,
      },
    );
    expect([given.isTimedOut, given.address.received]).toEqual([true, []]);
    expect(await statusOf((given.subscribed[0]!.body as ImageJob).jobId)).toBe("canceled");
    expect(await webhooks.unsubscribe(given.location ?? "")).toBe(204);
    expect(given.address.received).toEqual([]);
  });

  it.concurrent("is not called back where nobody may be called, and says which field is at fault", async () => {
    for (const callbackUrl of ["http://169.254.169.254/latest", "ftp://127.0.0.1/", "nowhere"]) {
      const { status, body } = await engine.act("GenerateImageAndWait", imageParams("a kite for nobody"), {
        callbackUrl,
      });
      expect([status, (body as ConnectorError).error.param]).toEqual([400, "callbackUrl"]);
    }
    expect(await darkroom.calls("a kite for nobody")).toEqual([]);
  });
}

/** Workflows that are started by callbacks. */
export function webhookTriggers({ engine, webhooks }: WorkflowHarness): void {
  const make = async (tag: string, prompt = "a told kite") => {
    const body = { prompt: `${prompt} ${tiny}`, deployment: "gpt-image", tags: [tag] };
    return ((await engine.act("SubmitImageJob", { body })).body as ImageJob).jobId;
  };
  const idOf = (outcome: unknown) => (outcome as ImageOutcome).jobId;
  const idsOf = (outcomes: unknown[]) => outcomes.map(idOf).sort();
  const of = (tag: string, more = {}) => ({ body: { tag, ...more } });

  it.concurrent("is started once for each job that ends after it is turned on, however often it is saved", async () => {
    const past = await make("fresh");
    for (let ended = false; !ended;)
      ended = ((await engine.act("GetImageJob", { jobId: past })).body as ImageJob).status === "succeeded";
    const trigger = await webhooks.turnOn("WhenImageIsReady", of("fresh"));
    const { location } = trigger;
    await trigger.save(of("fresh"));
    expect(trigger.location).toBe(location);
    const made = await Promise.all([make("fresh"), make("fresh"), make("other")]);
    await trigger.address.came(2);
    expect(idsOf(trigger.runs)).toEqual(made.slice(0, 2).sort());
  });

  it.concurrent("is told what it was last saved to be told, and nothing once it is turned off", async () => {
    const witness = await webhooks.turnOn("WhenImageIsReady", of("saved", { outcome: "any" }));
    const trigger = await webhooks.turnOn("WhenImageIsReady", of("saved", { outcome: "succeeded" }));
    await trigger.save(of("saved", { outcome: "failed" }));
    await make("saved");
    const refused = await make("saved", "a told refusal [[refuse]]");
    expect(await trigger.address.next()).toMatchObject({
      jobId: refused,
      status: "failed",
      error: { code: "contentFilter" },
    });
    await witness.address.came(2);
    expect(idsOf(trigger.runs)).toEqual([refused]);

    expect([await trigger.turnOff(), await trigger.turnOff()]).toEqual([204, 204]);
    const last = await make("saved", "a told refusal [[refuse]]");
    await witness.address.came(3);
    expect(idOf(witness.runs.at(-1))).toBe(last);
    expect(trigger.runs).toHaveLength(1);
  });

  it.concurrent("that is gone without a word is told no more once it has answered so", async () => {
    const witness = await webhooks.turnOn("WhenImageIsReady", of("gone"));
    const gone = await Promise.all(
      [404, 410].map((status) => webhooks.turnOn("WhenImageIsReady", of("gone"), [{ status }])),
    );
    await make("gone");
    await Promise.all([witness, ...gone].map(({ address }) => address.came(1)));
    // By the time that a third job is told, the second one would have been.
    for (const count of [2, 3]) {
      await make("gone");
      await witness.address.came(count);
    }
    expect(gone.map(({ address }) => address.received.length)).toEqual([1, 1]);
  });

  it.concurrent("is ended by nobody who guesses at its address", async () => {
    const trigger = await webhooks.turnOn("WhenImageIsReady", of("guessed"));
    const guess = trigger.location.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    expect(await webhooks.unsubscribe(guess)).toBe(404);
    const jobId = await make("guessed");
    expect(idOf(await trigger.address.next())).toBe(jobId);
  });
}
