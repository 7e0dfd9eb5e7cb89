import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type {
  ConvertedImage,
  ImageJob,
  ImageJobList,
  ImageLink,
  ImageShare,
} from "../../../src/connector/contracts/schemas.ts";
import { download } from "../../support/edits.ts";
import { readInChunks } from "../../support/workflow/chunks.ts";
import type { WorkflowHarness } from "../../support/workflow/harness.ts";
import { tiny } from "./tiny.ts";

/** Jobs that a workflow knows by their IDs. */
export function jobs({ darkroom, engine }: WorkflowHarness): void {
  const jobIds = ({ body }: { body: unknown }) => (body as ImageJobList).value.map(({ jobId }) => jobId);

  const tagged = (name: string, prompt: string) => ({
    body: { prompt, deployment: "gpt-image", tags: [darkroom.unused(name)] },
  });

  /** The one job of a tag, as soon as it has the status. */
  async function found(name: string, status: string): Promise<string> {
    const tag = darkroom.unused(name);
    for (;;) {
      const [jobId, ...more] = jobIds(await engine.act("ListImageJobs", { tag, status }));
      expect(more).toEqual([]);
      if (jobId !== undefined) return jobId;
      await sleep(50);
    }
  }

  it("is not waited for; it is found, read in chunks, linked, and deleted", async () => {
    const inputs = tagged("submitted", "a submitted kite [[image-size=256x256]]");
    const submitted = await engine.act("SubmitImageJob", inputs);
    expect([submitted.status, submitted.answers]).toEqual([201, [201]]);
    const { jobId } = submitted.body as ImageJob;
    await darkroom.ended(jobId);
    const job = (await engine.act("GetImageJob", { jobId, includeContent: true })).body as ImageJob;
    expect([job.status, job.progress]).toEqual(["succeeded", 1]);
    expect(
      jobIds(await engine.act("ListImageJobs", { tag: darkroom.unused("submitted"), status: "succeeded" })),
    ).toEqual([jobId]);

    const [image] = job.images;
    const imageId = image?.imageId ?? "";
    const whole = await download(image?.url);
    expect(Buffer.from(image?.contentBytes ?? "", "base64").equals(whole)).toBe(true);
    const chunkBytes = Math.ceil(whole.byteLength / 3);
    const { content, parts } = await readInChunks(engine, "GetImageContent", { imageId }, chunkBytes);
    expect([parts, content.equals(whole)]).toEqual([3, true]);
    expect((await engine.act("GetImageContent", { imageId })).content.equals(whole)).toBe(true);

    const linked = (await engine.act("CreateImageLink", { imageId, body: { hours: 48 } })).body as ImageLink;
    expect((await download(linked.url)).equals(whole)).toBe(true);
    expect(Date.parse(linked.expiresOn)).toBeGreaterThan(Date.now() + 47 * 3_600_000);
    // A form that was left empty is no body at all.
    expect((await engine.act("CreateImageLink", { imageId })).status).toBe(200);

    const shared = (await engine.act("ShareImage", { imageId, body: { days: 30 } })).body as ImageShare;
    expect((await download(shared.url)).equals(whole)).toBe(true);
    await engine.act("StopSharingImage", { imageId, shareId: shared.shareId });
    expect((await fetch(shared.url)).ok).toBe(false);

    const small = (await engine.act("ConvertImage", { imageId, body: { format: "jpeg", width: "128" } }))
      .body as ConvertedImage;
    const bytes = Buffer.from(small.contentBytes, "base64");
    expect([bytes.subarray(0, 2).toString("hex"), small.contentType]).toEqual(["ffd8", "image/jpeg"]);

    expect((await engine.act("DeleteImageJob", { jobId })).status).toBe(204);
    expect((await engine.act("GetImageContent", { imageId })).status).toBe(404);
    expect((await engine.act("GetImageJob", { jobId })).status).toBe(404);
  });

  it("are listed page by page to the end", async () => {
    const inputs = tagged("paged", `a paged kite ${tiny}`);
    const made = await Promise.all([1, 2, 3].map(() => engine.act("SubmitImageJob", inputs)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await engine.act("ListImageJobs", {
        tag: darkroom.unused("paged"),
        limit: 2,
        ...(cursor !== undefined && { cursor }),
      });
      seen.push(...jobIds(page));
      cursor = (page.body as ImageJobList).nextCursor;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(made.map(({ body: job }) => (job as ImageJob).jobId).sort());
  });

  it("whose IDs hold more than letters are looked for by all of it", async () => {
    for (const jobId of ["a/b", "a b?c#d", "ä%2F"])
      expect((await engine.act("GetImageJob", { jobId })).status).toBe(404);
  });

  it("are given up by a workflow that has waited long enough, which then cancels what it finds", async () => {
    const inputs = tagged("abandoned", "an abandoned kite [[latency=60000]]");
    const { isTimedOut, status } = await engine.act("GenerateImage", inputs, { timeoutMs: 300 });
    expect([isTimedOut, status]).toEqual([true, 202]);
    const jobId = await found("abandoned", "running");
    const canceled = await engine.act("CancelImageJob", { jobId });
    expect([canceled.status, (canceled.body as ImageJob).status]).toEqual([200, "canceled"]);
    // By another branch that didn't know.
    expect((await engine.act("CancelImageJob", { jobId })).status).toBe(200);
  });

  it("that nobody waits for any more end all the same, and are there for the one who looks", async () => {
    const inputs = tagged("forgotten", `a forgotten kite ${tiny}`);
    const { isTimedOut } = await engine.act("GenerateImage", inputs, { timeoutMs: 0 });
    expect(isTimedOut).toBe(true);
    const ended = await found("forgotten", "succeeded");
    expect(await darkroom.calls("a forgotten kite")).toHaveLength(1);
    // Too late for that.
    expect((await engine.act("CancelImageJob", { jobId: ended })).status).toBe(409);
  });

  it("that are canceled while they are polled tell their polls so", async () => {
    const cancel = async () => engine.act("CancelImageJob", { jobId: await found("stopped", "running") });
    const [waited, canceled] = await Promise.all([
      engine.act("GenerateImage", tagged("stopped", "a stopped kite [[latency=60000]]")),
      cancel(),
    ]);
    expect([waited.status, canceled.status]).toEqual([410, 200]);
  });
}
