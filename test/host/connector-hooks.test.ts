import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ImageJob, imageOutcome, type ImageOutcome } from "../../src/contracts/connector.ts";
import { skipWhenAimed } from "../support/aim.ts";
import { LiveDarkroom } from "../support/darkroom.ts";
import { aPicture, download } from "../support/edits.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";

/** Callbacks from end to end: the app on its host, and an engine's callback addresses on a socket of their own. */

skipWhenAimed("needs a host that may post to this machine (URL_ALLOWLIST)");

const darkroom = new LiveDarkroom();
let receiver: WebhookReceiver;
let data: string;
let restarts = 0;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  data = await mkdtemp(join(tmpdir(), "darkroom-hooks-"));
  const settings = { URL_ALLOWLIST: receiver.origin };
  await darkroom.start({ data, settings, onRestart: () => (restarts += 1) });
});
afterEach(() => {
  receiver.answer = (_received, response) => response.writeHead(202).end();
});
afterAll(async () => {
  await darkroom.stop();
  await receiver.close();
  await rm(data, { recursive: true, force: true });
});

const callbackOf = (name: string) => `${receiver.origin}/${name}?sp=run&sig=s3cret`;
const postsTo = (name: string) => receiver.received.filter(({ path }) => path.startsWith(`/${name}?`));

async function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return darkroom.fetch(`/api/connector${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function wait(name: string, wish: object = {}, headers: Record<string, string> = {}) {
  const body = { prompt: `a ${name} kite`, deployment: "gpt-image", callbackUrl: callbackOf(name), ...wish };
  const reply = await post("/images/generations/callback", body, headers);
  expect(reply.status).toBe(201);
  const { jobId } = (await reply.json()) as ImageJob;
  return { jobId, location: reply.headers.get("location") ?? "" };
}

async function subscribe(name: string, wish: object): Promise<string> {
  const reply = await post("/hooks/images", { callbackUrl: callbackOf(name), ...wish });
  expect([reply.status, await reply.text()]).toEqual([201, ""]);
  return reply.headers.get("location") ?? "";
}

/** Without a key, as engines do. */
const end = async (address: string) => (await fetch(address, { method: "DELETE" })).status;

/** What was told to the address, once it was told so often; the test's own time-out is the limit. */
async function told(name: string, times = 1): Promise<ImageOutcome[]> {
  while (postsTo(name).length < times) await sleep(30);
  return postsTo(name).map(({ body }) => {
    const outcome = JSON.parse(body) as ImageOutcome;
    expect(imageOutcome.parse(outcome)).toEqual(outcome);
    return outcome;
  });
}

describe("an action that waits", () => {
  it("posted twice is one job, one bill and one address, and is told its end with links that work", async () => {
    const [first, second] = await Promise.all([wait("twice"), wait("twice")]);
    const third = await wait("twice");
    expect([second, third]).toEqual([first, first]);
    const [outcome] = await told("twice");
    expect(outcome).toMatchObject({ jobId: first.jobId, status: "succeeded", images: [{ index: 0 }] });
    expect((await download(outcome?.images[0]?.url)).byteLength).toBeGreaterThan(0);
    // Posted once more, when all is over: nothing is made or told again.
    expect(await wait("twice")).toEqual(first);
    expect(await darkroom.calls("a twice kite")).toHaveLength(1);
    expect((await darkroom.ledger("a twice kite")).totals.images_billed).toBe(1);
    expect(postsTo("twice")).toHaveLength(1);
  });

  it("for an edit is told its files, if it wants them", async () => {
    const contentBytes = (await aPicture(1)).toString("base64");
    const reply = await post("/images/edits/callback", {
      ...{ prompt: "a hat", images: [{ contentBytes }], includeContent: true },
      callbackUrl: callbackOf("edit"),
    });
    expect(reply.status).toBe(201);
    const [outcome] = await told("edit");
    const [image] = outcome?.images ?? [];
    const content = Buffer.from(image?.contentBytes ?? "", "base64");
    expect(content.equals(await download(image?.url))).toBe(true);
  });

  it("is told of failure, with the reason", async () => {
    await wait("refused", { prompt: "an odd wish [[refuse]]", deployment: "dalle3" });
    expect(await told("refused")).toMatchObject([{ status: "failed", error: { code: "contentFilter" } }]);
  });

  it("and answers 500 or 429 at first is told again", async () => {
    receiver.answer = ({ path }, response) => {
      const isFirst = receiver.received.filter((received) => received.path === path).length === 1;
      const status = path.startsWith("/shaky") ? 500 : 429;
      response.writeHead(isFirst ? status : 200, { "retry-after": "1" }).end();
    };
    const jobs = await Promise.all([wait("shaky"), wait("busy")]);
    const outcomes = await Promise.all([told("shaky", 2), told("busy", 2)]);
    expect(outcomes.map((both) => both.map(({ jobId }) => jobId))).toEqual(
      jobs.map(({ jobId }) => [jobId, jobId]),
    );
  });

  it("but gives up has its job canceled, and isn't told", async () => {
    const wish = { prompt: "an abandoned kite [[latency=60000]]" };
    const { jobId, location } = await wait("abandoned", wish);
    while ((await darkroom.job(jobId)).status !== "running") await sleep(30);
    expect([await end(location), await end(location)]).toEqual([204, 204]);
    expect((await darkroom.job(jobId)).status).toBe("canceled");
    // Another, to see that what was to be told has been.
    await wait("patient");
    await told("patient");
    expect(postsTo("abandoned")).toEqual([]);
  });

  it("at an address that isn't public is refused", async () => {
    for (const callbackUrl of ["http://127.0.0.1:1/x", "https://169.254.169.254/", "nonsense"]) {
      const reply = await post("/images/generations/callback", { prompt: "an unsafe kite", callbackUrl });
      expect([reply.status, await reply.json()]).toMatchObject([400, { error: { param: "callbackUrl" } }]);
    }
    expect(await darkroom.calls("an unsafe kite")).toEqual([]);
  });
});

describe("a hook", () => {
  it("asked for twice is told once for each job that it concerns, until it is ended without a key", async () => {
    await darkroom.run({ prompt: "of the past", tags: ["watched"] });
    const address = await subscribe("watcher", { tag: "watched", outcome: "failed" });
    expect(await subscribe("watcher", { tag: "watched", outcome: "any" })).toBe(address);
    const unconcerned = await darkroom.run({ prompt: "not watched" });
    const ids = [
      (await darkroom.run({ prompt: "watched", tags: ["watched"] })).id,
      (await darkroom.run({ prompt: "[[refuse]]", model: "dall-e-3", tags: ["watched"] })).id,
    ];
    const outcomes = await told("watcher", 2);
    expect(outcomes.map(({ jobId }) => jobId).sort()).toEqual(ids.sort());
    expect(outcomes.map(({ jobId }) => jobId)).not.toContain(unconcerned.id);

    const forged = `${address.slice(0, -43)}${"A".repeat(43)}`;
    expect([await end(forged), await end(`${forged.slice(0, -80)}${forged.slice(-76)}`)]).toEqual([404, 404]);
    expect([await end(address), await end(address)]).toEqual([204, 204]);
    await subscribe("successor", { tag: "watched" });
    await darkroom.run({ prompt: "unwatched", tags: ["watched"] });
    await told("successor");
    expect(postsTo("watcher")).toHaveLength(2);
  });

  it("that answers 410 is gone", async () => {
    receiver.answer = ({ path }, response) => response.writeHead(path.startsWith("/gone") ? 410 : 202).end();
    await subscribe("gone", { tag: "closing" });
    await subscribe("staying", { tag: "closing" });
    for (const round of [1, 2]) {
      await darkroom.run({ prompt: "closing", tags: ["closing"] });
      await told("staying", round);
      if (round === 1) await told("gone");
    }
    expect(postsTo("gone")).toHaveLength(1);
  });
});

it("a host that is killed between jobs' ends and their telling tells all of them", async () => {
  // Nobody is answered before the host has been killed: whatever was sent until then has to be sent again.
  receiver.answer = ({ path }, response) => {
    if (!/^\/(killed|witness)/.test(path) || restarts > 0) response.writeHead(202).end();
  };
  await subscribe("witness", { tag: "killed" });
  const names = Array.from({ length: 5 }, (_, index) => `killed-${index}`);
  const jobs = await Promise.all(
    names.map((name, index) =>
      wait(name, { prompt: `a ${name} kite [[latency=${index * 150}]]`, tags: ["killed"] }),
    ),
  );
  await darkroom.ended(jobs[0]?.jobId ?? "");
  process.kill(darkroom.running.hostPid(), "SIGKILL");
  while (restarts === 0) await sleep(20);
  const ids = jobs.map(({ jobId }) => jobId);
  for (const [index, name] of names.entries())
    expect((await told(name)).map(({ jobId }) => jobId)).toContain(ids[index]);
  const witnessed = () =>
    new Set(postsTo("witness").map(({ body }) => (JSON.parse(body) as ImageOutcome).jobId));
  while (ids.some((id) => !witnessed().has(id))) await sleep(50);
  expect((await darkroom.calls("a killed-0 kite")).length).toBe(1);
});
