import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TableServiceClient, TableClient } from "@azure/data-tables";
import { describe, expect, it, beforeAll, afterAll } from "vitest";
import { readRecordedInstances } from "../../packages/functions-host/src/durable/journal.ts";
import { isEmbedded, skipUnlessEmbedded } from "../support/aim.ts";
import { LiveDarkroom } from "../support/darkroom.ts";
import { exportsSoon } from "../support/listener.ts";
import {
  aMask,
  aPicture,
  inboxOf,
  put,
  refusedEdit,
  runEdit,
  square,
  storageOf,
  tickets,
} from "../support/edits.ts";
import { WebhookReceiver } from "../support/webhook-receiver.ts";

/**
 * Distinctive texts go in wherever a secret or a prompt may; afterwards everything that is kept or printed is searched
 * for them.
 */
const promptCanary = "canary-prompt-7b1f";
const serviceKey = "canary-service-key-51c2";
const signingKey = "canary-signing-key-0123456789abcdef";
const fileCanary = "canary-file-9d3e";
const addressCanary = "canary-address-4a6c";
const callbackCanary = "canary-callback-83d5";
const kilobytes16 = 16 * 1024;

skipUnlessEmbedded("reads the log and the data folder of a host with secrets of its own");

const darkroom = new LiveDarkroom();
const { listener } = darkroom;
const receiver = new WebhookReceiver();
let data: string;
let histories: string[] = [];
let rows: string[] = [];
let callerKey = "";
let links: string[] = [];
let ticketSignatures: string[] = [];
let published: string[] = [];
const hookSignatures: string[] = [];
let views = "";

beforeAll(async () => {
  if (!isEmbedded) return;
  await receiver.listen();
  data = await mkdtemp(join(tmpdir(), "darkroom-canaries-"));
  await darkroom.start({
    data,
    settings: { SIGNING_KEY: signingKey, URL_ALLOWLIST: receiver.origin, ...exportsSoon },
    simulatorArgs: ["--latency-scale", "0.2", "--api-key", serviceKey],
  });
  callerKey = darkroom.running.key ?? "";
  const tenLong = { model: "dall-e-3", n: 10, prompt: `${promptCanary} ${"long ".repeat(600)}` };
  const jobs = await Promise.all([
    darkroom.run(tenLong),
    darkroom.run({ model: "gpt-image-1", n: 10, prompt: `${promptCanary} ${"é".repeat(20_000)}` }),
    darkroom.run({ model: "dall-e-2", n: 10, size: "256x256", prompt: `${promptCanary} paint` }),
    darkroom.run({ model: "dall-e-3", n: 3, prompt: `${promptCanary} [[refuse]]` }),
    darkroom.run({ model: "dall-e-3", prompt: `${promptCanary} [[502]]` }),
    darkroom.run({
      model: "dall-e-3",
      prompt: `${promptCanary} [[400 message="${promptCanary} is not allowed"]]`,
    }),
    darkroom.run({ model: "dall-e-3", prompt: `${promptCanary} [[429=1 times=1]]` }),
    darkroom.run({
      model: "dall-e-2",
      prompt: `${promptCanary} [[operation=failed message="we saw ${promptCanary}"]]`,
    }),
  ]);
  await makeCallbacks();
  const edits = await makeEdits();
  links = [...jobs, ...edits].flatMap(({ images }) => images.map(({ url }) => url));
  await darkroom.fetch("/api/jobs/nonsense");
  await darkroom.refused({ prompt: promptCanary, size: "1x1", [promptCanary]: 1 });
  rows = await allRows(darkroom.running.storage);
  await darkroom.stop();
  histories = readRecordedInstances(join(data, "host", "durable")).map((instance) =>
    JSON.stringify(instance),
  );
});
afterAll(async () => {
  if (!isEmbedded) return;
  await receiver.close();
  await rm(data, { recursive: true, force: true });
});

/** A hook and runs that wait for jobs; the first that is told takes it at its second try only. */
async function makeCallbacks() {
  receiver.answer = (_received, response, count) => response.writeHead(count === 1 ? 500 : 202).end();
  const callbackUrl = `${receiver.origin}/${callbackCanary}?code=${callbackCanary}`;
  const post = async (path: string, body: object) =>
    darkroom.postJson(`/api/connector${path}`, { callbackUrl, ...body });
  const subscribed = await post("/hooks/images", { tag: "told" });
  const waiting = await post("/images/generations/callback", { prompt: promptCanary, tags: ["told"] });
  const { jobId } = (await waiting.json()) as { jobId: string };
  while (receiver.received.length < 3) await sleep(50);
  const paths = [
    ...[`/api/jobs/${jobId}`, `/api/jobs/${jobId}/deliveries`, "/api/jobs"],
    ...[`/api/connector/jobs/${jobId}`, "/api/connector/jobs"],
  ];
  views = (await Promise.all(paths.map(async (path) => (await darkroom.fetch(path)).text()))).join("\n");
  for (const reply of [waiting, subscribed]) {
    const address = reply.headers.get("location") ?? "";
    hookSignatures.push(address.slice(-43));
    expect((await fetch(address, { method: "DELETE" })).status).toBe(204);
  }
}

/** Edits by every road, granted and refused. */
async function makeEdits() {
  const [picture, mask] = [await aPicture(1), await aMask()];
  const fields = { prompt: `${promptCanary} repaint`, size: square };
  const form = { images: [picture], mask, fields, fileName: `${fileCanary}.png` };
  const { uploads, job } = await tickets(darkroom, { on_complete: fields });
  const [ticket] = uploads;
  ticketSignatures = [...new URL(ticket?.url ?? "").searchParams].flatMap(([name, value]) =>
    name === "sig" ? [value, encodeURIComponent(value)] : [],
  );
  await put(ticket, picture);
  const image = { b64_json: picture.toString("base64") };
  const edits = await Promise.all([
    runEdit(darkroom, form),
    runEdit(darkroom, { ...form, fields: { ...fields, prompt: `${promptCanary} [[refuse]]` } }),
    runEdit(darkroom, { ...fields, images: [image], mask: { b64_json: mask.toString("base64") } }),
    darkroom.ended(job?.id ?? ""),
  ]);
  await refusedEdit(darkroom, { ...form, images: [Buffer.from(promptCanary)] });
  const url = `https://127.0.0.1:1/?token=${addressCanary}`;
  await refusedEdit(darkroom, { ...fields, images: [{ url }] });
  const inbox = inboxOf(darkroom);
  await inbox.drop("good.json", JSON.stringify({ ...fields, image: "good.png" }));
  await inbox.drop("good.png", picture);
  await inbox.drop("bad.json", JSON.stringify({ ...fields, image: "good.png", size: "1x1" }));
  await inbox.drop("worse.json", `{ "prompt": "${promptCanary}`);
  const endings = await Promise.all(
    ["good.json", "bad.json", "worse.json"].map((name) => inbox.result(name)),
  );
  published = endings.map((ending) => JSON.stringify(ending));
  expect(await storageOf(darkroom).names("edit-results")).toHaveLength(3);
  return edits;
}

async function allRows(connectionString: string): Promise<string[]> {
  const options = { allowInsecureConnection: true };
  const found: string[] = [];
  for await (const { name = "" } of TableServiceClient.fromConnectionString(
    connectionString,
    options,
  ).listTables()) {
    for await (const row of TableClient.fromConnectionString(
      connectionString,
      name,
      options,
    ).listEntities()) {
      found.push(JSON.stringify(row));
    }
  }
  return found;
}

/** Every string anywhere in a value. */
function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(strings);
}

/** What tables keep, and neither log nor history may hold. */
const hidden = { "a prompt": promptCanary, "a callback's address": callbackCanary };

const secrets = () => ({
  "the caller's key": callerKey,
  "the service's key": serviceKey,
  "the signing key": signingKey,
  "a signed link": "sig=",
  "a signed address": "signature=",
  "a storage key": "AccountKey=",
  "a picture, in base64": "iVBORw0KGgo",
  "a file's name": fileCanary,
  "an address that was given": addressCanary,
  ...Object.fromEntries(hookSignatures.map((text, at) => [`a hook's signature (${at})`, text])),
  ...Object.fromEntries(ticketSignatures.map((text, at) => [`a ticket's signature (${at})`, text])),
});

it("the run made images, histories, rows and a log to search", () => {
  expect(links.length).toBeGreaterThan(30);
  expect(histories.length).toBeGreaterThan(20);
  expect(rows.length).toBeGreaterThan(40);
  expect(ticketSignatures).toHaveLength(2);
  expect(darkroom.log).toContain("Executed 'Functions.render-images'");
});

it("no view shows a callback's address", () => {
  expect(hookSignatures.every((text) => /^[\w-]{43}$/.test(text))).toBe(true);
  expect(views).toContain(promptCanary);
  expect(views.includes(callbackCanary)).toBe(false);
});

it("results in edit-results hold no secret", () => {
  expect(published).toHaveLength(3);
  for (const [what, text] of Object.entries(secrets()))
    expect(published.join("\n").includes(text), what).toBe(false);
});

describe("durable history", () => {
  it("has no value above 16 KB", () => {
    const longest = Math.max(
      ...histories.flatMap((text) => strings(JSON.parse(text))).map((text) => Buffer.byteLength(text)),
    );
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThanOrEqual(kilobytes16);
  });

  it("holds no secret, no picture and no prompt", () => {
    const all = histories.join("\n");
    for (const [what, text] of Object.entries({ ...secrets(), ...hidden })) {
      expect(all.includes(text), what).toBe(false);
    }
  });
});

describe("traces and metrics", () => {
  it("were told of everything that ran", () => {
    const names = new Set(listener.spans.map(({ name }) => name));
    for (const name of [
      "upstream render",
      "upstream edit",
      "upstream poll",
      "store upload",
      "deliver callback",
    ])
      expect(names, name).toContain(name);
    expect(listener.spans.some(({ isError }) => isError)).toBe(true);
    expect(listener.total("darkroom.jobs")).toBeGreaterThan(10);
    expect(listener.total("darkroom.deliveries", { outcome: "again" })).toBeGreaterThan(0);
  });

  it("hold no secret, no picture, no prompt, no caller and no address", () => {
    const all = listener.bodies.join("\n");
    for (const [what, text] of Object.entries({ ...secrets(), ...hidden, "a caller": "key:local" }))
      expect(all.includes(text), what).toBe(false);
    for (const link of links) expect(all.includes(new URL(link).host), "where images are").toBe(false);
  });
});

describe("the log", () => {
  it("holds no secret, no picture and no prompt", () => {
    for (const [what, text] of Object.entries({ ...secrets(), ...hidden })) {
      expect(darkroom.log.includes(text), what).toBe(false);
    }
  });
});

describe("the tables", () => {
  it("hold no secret and no picture; a prompt stands in its job's own column and its images' revised prompts alone", () => {
    const all = rows.join("\n");
    for (const [what, text] of Object.entries(secrets())) expect(all.includes(text), what).toBe(false);
    for (const row of rows) {
      const { prompt, json, slots, ...rest } = JSON.parse(row) as Record<string, string | undefined>;
      const unrevised = [json, slots].map((text) =>
        JSON.stringify(JSON.parse(text ?? "{}"), (name, value: unknown) =>
          name === "revisedPrompt" ? "" : value,
        ),
      );
      expect(
        JSON.stringify([rest, unrevised]).includes(promptCanary),
        prompt === undefined ? row : "a job",
      ).toBe(false);
    }
  });

  it("hold no address of an image", () => {
    for (const link of links) expect(rows.join("\n").includes(new URL(link).origin)).toBe(false);
  });
});
