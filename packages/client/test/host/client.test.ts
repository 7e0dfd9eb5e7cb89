import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aPicture, sentFiles, sha256, square } from "../../../../test/support/edits.ts";
import { CuttingProxy } from "../../../../test/support/cutting-proxy.ts";
import { useSharedDarkroom } from "../../../../test/support/darkroom.ts";
import { LossyProxy } from "../../../../test/support/lossy-proxy.ts";
import {
  ApiError,
  type ClientOptions,
  ConnectionError,
  Darkroom,
  JobError,
  type JobUpdate,
  UploadError,
} from "../../src/client.ts";

const darkroom = useSharedDarkroom();
const cutting = new CuttingProxy();
const lossy = new LossyProxy();
const storage = new LossyProxy();

beforeAll(async () => {
  await Promise.all([cutting.listen(darkroom.running.url), lossy.listen(darkroom.running.url)]);
});
afterAll(async () => {
  await Promise.all([cutting.close(), lossy.close()]);
});

const client = (options: Partial<ClientOptions> = {}) =>
  new Darkroom({ url: darkroom.running.url, apiKey: darkroom.running.key ?? "", ...options });
const thrownBy = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const file = async (hue: number) => new Blob([Uint8Array.from(await aPicture(hue))], { type: "image/png" });

describe("a job that is subscribed to", () => {
  it("tells of its progress and partial pictures, and ends with its images", async () => {
    const own = client();
    const { id } = await own.generate({
      ...{ model: "gpt-image-1", prompt: "a client's two lighthouses", n: 2 },
      ...{ stream: true, partial_images: 2 },
    });
    const updates: JobUpdate[] = [];
    const done = await own.subscribe(id, { onUpdate: (update) => updates.push(update) });
    expect(done).toMatchObject({ id, status: "succeeded", images: [{ index: 0 }, { index: 1 }] });
    expect(updates.flatMap(({ partials }) => partials.map((one) => one.index))).toEqual(
      expect.arrayContaining([0, 1]),
    );
    const progress = updates.map(({ job }) => job.progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress).toContain(0.5);
    expect(updates.at(-1)).toEqual({ job: done, partials: [] });
  });

  it("is followed over cut connections, and no event comes twice", async () => {
    const own = client({ url: cutting.url });
    const { id } = await own.generate({
      ...{ model: "gpt-image-1", prompt: "a client's tunnel [[latency=4000]]" },
      ...{ stream: true, partial_images: 3 },
    });
    const seen: (number | undefined)[] = [];
    let cuts = 0;
    const done = await own.subscribe(id, {
      onUpdate: ({ partials }) => {
        const step = partials[0]?.partial_index;
        if (step !== undefined && seen.at(-1) !== step) {
          seen.push(step);
          cuts += 1;
          cutting.cut();
        }
      },
    });
    expect([done.status, seen, cuts]).toEqual(["succeeded", [0, 1, 2], 3]);
  });

  it("is polled where answers can't be read as they come", async () => {
    const own = client({ stream: false });
    const { id } = await own.generate({ model: "gpt-image-1", prompt: "a client's poll", n: 2 });
    const updates: JobUpdate[] = [];
    const done = await own.subscribe(id, { pollMs: 100, onUpdate: (update) => updates.push(update) });
    expect([done.status, updates.at(-1)?.job]).toEqual(["succeeded", done]);
  });

  it("throws what became of it: refused, canceled, or no longer watched", async () => {
    const own = client();
    const refused = await own.generate({ model: "dall-e-3", prompt: "a client's refusal [[refuse]]" });
    const error = await thrownBy(own.subscribe(refused.id));
    expect(error).toBeInstanceOf(JobError);
    expect(error).toMatchObject({ code: "contentFilter", retryable: false, job: { id: refused.id } });

    const slow = await own.generate({ model: "dall-e-3", prompt: "a client's patience [[latency=60000]]" });
    const left = new AbortController();
    const watched = thrownBy(own.subscribe(slow.id, { signal: left.signal }));
    const reason = new Error("The screen was closed.");
    left.abort(reason);
    expect(await watched).toBe(reason);
    const other = thrownBy(own.subscribe(slow.id));
    await own.cancel(slow.id);
    expect(await other).toMatchObject({ job: { id: slow.id, status: "canceled" }, code: undefined });
  });
});

describe("an upload", () => {
  it("is edited, and one whose answer was lost is no failure: the file is there", async () => {
    const own = client();
    const { uploads } = await own.requestUploads({ expects: ["image"] });
    const [ticket] = uploads;
    const { origin } = new URL(ticket!.url);
    await storage.listen(origin);
    storage.losing = 1;
    await own.putFile({ ...ticket!, url: ticket!.url.replace(origin, storage.url) }, await file(11));
    expect(storage.losing).toBe(0);
    await storage.close();
    const prompt = "a client's edit";
    const images = [{ upload_id: ticket!.upload_id }, await file(12)];
    const { id } = await own.edit({ prompt, size: square, images });
    expect(await own.subscribe(id)).toMatchObject({ kind: "edit", status: "succeeded" });
    const sent = await Promise.all([aPicture(11), aPicture(12)]);
    expect((await sentFiles(darkroom, prompt)).images).toEqual(sent.map(sha256));
  });

  it("fails when it is refused and the file isn't there", async () => {
    const own = client();
    const { uploads } = await own.requestUploads({});
    const ticket = { ...uploads[0]!, url: uploads[0]!.url.replace(/sig=[^&]*/, "sig=AAAA") };
    const error = await thrownBy(own.putFile(ticket, await file(13)));
    expect(error).toBeInstanceOf(UploadError);
    expect(error).toMatchObject({ status: 403, uploadId: ticket.upload_id });
  });
});

describe("a request", () => {
  it("whose answer was lost is sent again, and runs once", async () => {
    const own = client({ url: lossy.url });
    lossy.losing = 1;
    const prompt = "a client's lost answer";
    const { id } = await own.generate({ model: "dall-e-3", prompt });
    await client().subscribe(id);
    expect([lossy.losing, (await darkroom.calls(prompt)).length]).toEqual([0, 1]);
  });

  it("that is refused throws the field at fault and what it may be", async () => {
    const error = await thrownBy(client().generate({ model: "dall-e-3", prompt: "small", size: "1x1" }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 400, code: "invalidRequest", param: "size", retryable: false });
    expect((error as ApiError).allowed).toContain("1024x1024");
    expect((error as ApiError).requestId).toBeTruthy();
  });

  it("that finds nobody throws a ConnectionError", async () => {
    const nobody = client({ url: "http://127.0.0.1:9", maxRetries: 0 });
    expect(await thrownBy(nobody.listModels())).toBeInstanceOf(ConnectionError);
  });
});

it("a batch runs line by line: what is refused is named, the others are made, and its repetition is the same batch", async () => {
  const own = client();
  const csv = 'prompt,model,n\n"A client, in a table",dall-e-3,\nA client too many,dall-e-3,11\n';
  const batch = await own.createBatch({ csv }, { idempotencyKey: "a-clients-table" });
  const updates: string[] = [];
  const done = await own.followBatch(batch.id, {
    pollMs: 100,
    onUpdate: ({ status }) => updates.push(status),
  });
  expect(done).toMatchObject({ status: "succeeded", counts: { succeeded: 1, refused: 1 } });
  expect(done.items[1]).toMatchObject({ line: 3, status: "refused", error: { param: "n" } });
  expect(updates.at(-1)).toBe("succeeded");
  const again = await own.createBatch({ csv }, { idempotencyKey: "a-clients-table" });
  expect([again.id, (await darkroom.calls("A client, in a table")).length]).toEqual([batch.id, 1]);

  const slow = { model: "dall-e-3", prompt: "a client's long line [[latency=60000]]" };
  const { id } = await own.createBatch([slow]);
  expect(await own.cancelBatch(id)).toMatchObject({ counts: { canceled: 1 } });
  expect(await own.followBatch(id, { pollMs: 100 })).toMatchObject({ status: "canceled" });
  const { batches } = await own.listBatches({ limit: 1 });
  expect(batches.map((one) => one.id)).toEqual([id]);
  await own.deleteBatch(id);
  expect(await thrownBy(own.getBatch(id))).toMatchObject({ status: 404, code: "notFound" });

  const jobId = done.items[0]?.job_id ?? "";
  const share = await own.shareImage(jobId, { index: 0, expires_in: 600 });
  expect([(await fetch(share.url)).status, (await own.listShares(jobId)).shares]).toEqual([200, [share]]);
  await own.revokeShare(jobId, share.id);
  expect([(await fetch(share.url)).status, (await own.listShares(jobId)).shares]).toEqual([410, []]);
});

it("a token is made for a user, and asked for anew when it is refused", async () => {
  const { token } = await client().createToken({ subject: "a-phone", scopes: ["generate", "read"] });
  const given = ["expired.long.ago", token];
  const phone = new Darkroom({ url: darkroom.running.url, token: () => given.shift() ?? "" });
  const { id } = await phone.generate({ model: "dall-e-3", prompt: "a phone's picture" });
  await phone.subscribe(id);
  expect((await phone.listJobs({ status: "succeeded" })).jobs.map((job) => job.id)).toEqual([id]);
  expect(await thrownBy(phone.upload(await file(14)))).toMatchObject({ status: 403, code: "forbidden" });
  const stale = new Darkroom({ url: darkroom.running.url, token: () => "expired.long.ago" });
  expect(await thrownBy(stale.listJobs())).toMatchObject({ status: 401, code: "unauthorized" });
  await phone.deleteJob(id);
  expect(await thrownBy(phone.getJob(id))).toMatchObject({ status: 404, code: "notFound" });
});
