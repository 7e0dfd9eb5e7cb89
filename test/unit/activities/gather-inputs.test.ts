import { describe, expect, it } from "vitest";
import { gatherInputsWith } from "../../../src/activities/gather-inputs.ts";
import { resolveDeployments } from "../../../src/domain/deployment.ts";
import { knownModels } from "../../../src/domain/model-catalogue.ts";
import type { AwaitedInputs, JobRecord } from "../../../src/ports/records.ts";
import { deployments } from "../../support/app.ts";
import { FakeImageProcessor, MemoryUploadStore, sha256Of } from "../../support/edit-fakes.ts";
import { aMask, aPhoto, aSidewaysJpeg, onItsSide, small } from "../../support/edit-pictures.ts";
import { FakeClock, MemoryJobStore } from "../../support/fakes.ts";
import { aJob } from "../../support/jobs.ts";

const [photo, other, mask, sideways] = await Promise.all([
  aPhoto(),
  aPhoto(onItsSide),
  aMask(),
  aSidewaysJpeg(),
]);
const until = "2026-03-04T05:16:07.000Z";
const inInbox = (blob: string, etag?: string) => ({
  param: `image "${blob}"`,
  container: "edit-inbox" as const,
  blob,
  ...(etag !== undefined && { etag }),
});
const byTicket = (at: number) => ({
  param: `uploads.${at}`,
  container: "uploads" as const,
  blob: `upl_${at}`,
});
const facts = (bytes: Uint8Array, size = small) => ({
  contentType: "image/png",
  ...size,
  bytes: bytes.byteLength,
  sha256: sha256Of(bytes),
});

async function aWait(awaits: Partial<AwaitedInputs>, change: Partial<JobRecord> = {}) {
  const clock = new FakeClock();
  const jobs = new MemoryJobStore();
  const uploads = new MemoryUploadStore(clock);
  const imageProcessor = new FakeImageProcessor();
  const job = aJob({
    kind: "edit",
    model: "gpt-image-1",
    deployment: "image",
    awaits: { images: [], until, ...awaits },
    ...change,
  });
  await jobs.create(job);
  const gather = gatherInputsWith({
    jobs,
    uploads,
    imageProcessor,
    offers: resolveDeployments(deployments, knownModels),
  });
  const look = async (isLast = false) => gather({ jobId: job.id, isLast });
  const inputs = () => jobs.jobs.get(job.id)?.inputs;
  const held = (name: string) => uploads.blobs.get(`uploads/${name}`)?.bytes;
  return { jobs, uploads, imageProcessor, job, look, inputs, held };
}

describe("an upload that is too large for any model", () => {
  it("is removed and refuses the job at first sight, though another is still to come", async () => {
    const { uploads, look, held } = await aWait({ images: [byTicket(0), byTicket(1)] });
    uploads.drop("uploads/upl_1", Buffer.alloc(52_428_800));
    expect(await look()).toEqual(refused("tooLarge", /^uploads\.1 is larger than 52,428,799 bytes/));
    expect(held("upl_1")).toBeUndefined();
  });
});

const refused = (code: string, message: RegExp) => ({
  kind: "refused",
  failure: { code, message: expect.stringMatching(message) as string, retryable: false },
});

describe("files of the inbox", () => {
  it("are waited for until all are there, and copied then, in their order", async () => {
    const wait = await aWait({
      images: [inInbox("a.png"), inInbox("b.png")],
      mask: { ...inInbox("m.png"), param: `mask "m.png"` },
    });
    expect(await wait.look()).toEqual({ kind: "waiting" });
    wait.uploads.drop("edit-inbox/b.png", other);
    wait.uploads.drop("edit-inbox/m.png", mask);
    expect(await wait.look()).toEqual({ kind: "waiting" });
    expect(wait.uploads.uploads).toEqual([]);
    wait.uploads.drop("edit-inbox/a.png", photo);
    expect(await wait.look()).toEqual({ kind: "ready" });
    const { id } = wait.job;
    expect(wait.inputs()).toEqual({
      images: [
        { blob: `${id}/image-0`, ...facts(photo) },
        { blob: `${id}/image-1`, ...facts(other, onItsSide) },
      ],
      mask: { blob: `${id}/mask`, ...facts(mask) },
    });
    expect([wait.held(`${id}/image-0`), wait.held(`${id}/mask`)]).toEqual([photo, mask]);
  });

  it("are looked for no more once they are recorded: a second delivery finds them ready", async () => {
    const wait = await aWait({ images: [inInbox("a.png")] });
    wait.uploads.drop("edit-inbox/a.png", photo);
    await wait.look();
    wait.uploads.blobs.clear();
    wait.uploads.outage.of("find", "open");
    expect(await wait.look(true)).toEqual({ kind: "ready" });
  });

  it("are copied once: what overwrites them later changes nothing, even when the first delivery was cut off", async () => {
    const wait = await aWait({ images: [inInbox("a.png")] });
    wait.uploads.drop("edit-inbox/a.png", photo);
    wait.jobs.outage.of("amend");
    await expect(wait.look()).rejects.toThrow("storage is away");
    wait.jobs.outage.end();
    wait.uploads.drop("edit-inbox/a.png", other);
    expect(await wait.look()).toEqual({ kind: "ready" });
    expect(wait.inputs()?.images).toEqual([{ blob: `${wait.job.id}/image-0`, ...facts(photo) }]);
  });

  it("are refused when they haven't arrived by the last look, by the name of the first that is missing", async () => {
    const wait = await aWait({ images: [inInbox("a.png"), inInbox("b.png")] });
    wait.uploads.drop("edit-inbox/a.png", photo);
    expect(await wait.look(true)).toEqual(refused("expired", /^image "b\.png" did not arrive in time\.$/));
  });

  it("are made ready at the last look when they are there", async () => {
    const wait = await aWait({ images: [inInbox("a.png")] });
    wait.uploads.drop("edit-inbox/a.png", photo);
    expect(await wait.look(true)).toEqual({ kind: "ready" });
  });

  it.each(["removed", "overwritten"])("pinned to a version that was %s are refused at once", async (how) => {
    const wait = await aWait({ images: [inInbox("a.png", "0xGONE")] });
    if (how === "overwritten") wait.uploads.drop("edit-inbox/a.png", photo);
    expect(await wait.look()).toEqual(
      refused("expired", /^image "a\.png" was removed or overwritten before it could be read\.$/),
    );
  });

  it("pinned to the version that stands are taken", async () => {
    const wait = await aWait({});
    const { etag } = wait.uploads.drop("edit-inbox/a.png", photo);
    await wait.jobs.amend(wait.job.id, { awaits: { images: [inInbox("a.png", etag)], until } });
    expect(await wait.look()).toEqual({ kind: "ready" });
  });

  it("that can't be used are refused, and nothing of them stays but what is theirs", async () => {
    const wait = await aWait({ images: [inInbox("a.png"), inInbox("b.png")] });
    wait.uploads.drop("edit-inbox/a.png", photo);
    wait.uploads.drop("edit-inbox/b.png", "<html>no picture</html>");
    expect(await wait.look()).toEqual(refused("unsupportedMedia", /^image "b\.png" is/));
    expect([...wait.uploads.blobs.keys()]).toEqual(["edit-inbox/a.png", "edit-inbox/b.png"]);
    expect(wait.inputs()).toBeUndefined();
  });

  it("of a job whose deployment is gone are held against the usual limits", async () => {
    const unknown = await aWait({ images: [inInbox("a.png")] }, { deployment: "gone" });
    unknown.uploads.drop("edit-inbox/a.png", photo);
    expect(await unknown.look()).toEqual({ kind: "ready" });
  });

  it("are prepared as the job asks: cleaned, and the mask turned over", async () => {
    const wait = await aWait(
      { images: [inInbox("a.jpg")], mask: inInbox("m.png") },
      { request: { prompt: "a hat", n: 1, size: "auto", mask_invert: true, mask_mode: "resize" } },
    );
    wait.uploads.drop("edit-inbox/a.jpg", sideways);
    wait.uploads.drop("edit-inbox/m.png", mask);
    expect(await wait.look()).toEqual({ kind: "ready" });
    expect(wait.imageProcessor.done).toEqual(["clean jpeg", "refit 16x24 inverted"]);
    expect(wait.inputs()).toMatchObject({
      images: [{ blob: `${wait.job.id}/image-0-clean` }],
      mask: { blob: `${wait.job.id}/mask-clean` },
    });
  });

  it("whose mask doesn't fit are refused, and their copies removed", async () => {
    const wait = await aWait({ images: [inInbox("a.png")], mask: inInbox("m.png") });
    wait.uploads.drop("edit-inbox/a.png", other);
    wait.uploads.drop("edit-inbox/m.png", mask);
    expect(await wait.look()).toEqual(refused("invalidRequest", /must be of one size/));
    expect(wait.uploads.uploads).toEqual([]);
  });

  it("that change while they are read are looked for again, unless it is the last look", async () => {
    const wait = await aWait({ images: [inInbox("a.png")] });
    wait.uploads.drop("edit-inbox/a.png", photo);
    wait.uploads.beforeRead = () => void wait.uploads.drop("edit-inbox/a.png", other);
    expect(await wait.look()).toEqual({ kind: "waiting" });
    expect(wait.uploads.uploads).toEqual([]);
    expect(await wait.look(true)).toEqual(refused("conflict", /^image "a\.png" was overwritten while/));
    wait.uploads.beforeRead = () => undefined;
    expect(await wait.look()).toEqual({ kind: "ready" });
    expect(wait.inputs()?.images).toEqual([{ blob: `${wait.job.id}/image-0`, ...facts(other, onItsSide) }]);
  });

  it.each(["a.png", "m.png"])(
    "of which %s goes just before it is read end the last look, too",
    async (gone) => {
      const wait = await aWait({ images: [inInbox("a.png")], mask: inInbox("m.png") });
      wait.uploads.drop("edit-inbox/a.png", photo);
      wait.uploads.drop("edit-inbox/m.png", mask);
      const open = wait.uploads.open.bind(wait.uploads);
      wait.uploads.open = async (source) => (source.blob === gone ? undefined : open(source));
      expect(await wait.look()).toEqual({ kind: "waiting" });
      expect(await wait.look(true)).toEqual(refused("conflict", new RegExp(`^image "${gone}" was removed`)));
    },
  );
});

describe("uploads by ticket", () => {
  it("are used where they stand once all have arrived", async () => {
    const wait = await aWait({ images: [byTicket(0), byTicket(2)], mask: byTicket(1) });
    wait.uploads.drop("uploads/upl_0", photo);
    wait.uploads.drop("uploads/upl_1", mask);
    expect(await wait.look()).toEqual({ kind: "waiting" });
    wait.uploads.drop("uploads/upl_2", other);
    expect(await wait.look()).toEqual({ kind: "ready" });
    expect(wait.inputs()).toEqual({
      images: [
        { blob: "upl_0", ...facts(photo) },
        { blob: "upl_2", ...facts(other, onItsSide) },
      ],
      mask: { blob: "upl_1", ...facts(mask) },
    });
    expect(wait.uploads.uploads).toEqual(["upl_0", "upl_1", "upl_2"]);
  });

  it("of which one can't be used are refused by its place, and that one is removed", async () => {
    const wait = await aWait({ images: [byTicket(0), byTicket(1)] });
    wait.uploads.drop("uploads/upl_0", photo);
    wait.uploads.drop("uploads/upl_1", "no picture");
    expect(await wait.look()).toEqual(refused("unsupportedMedia", /^uploads\.1 is/));
    expect(wait.uploads.uploads).toEqual(["upl_0"]);
  });

  it("of which one goes while the last look is at it are refused", async () => {
    const wait = await aWait({ images: [byTicket(0)] });
    wait.uploads.drop("uploads/upl_0", photo);
    wait.uploads.open = async () => Promise.resolve(undefined);
    expect(await wait.look()).toEqual({ kind: "waiting" });
    expect(await wait.look(true)).toEqual(refused("conflict", /^uploads\.0 was removed/));
  });
});

describe("a job", () => {
  it.each([
    [{ status: "failed" as const }],
    [{ status: "canceled" as const }],
    [{ awaits: { images: [], until }, inputs: { images: [] } }],
  ])("as %j has nothing to wait for", async (change) => {
    const wait = await aWait({ images: [inInbox("a.png")] }, change);
    expect(await wait.look()).toEqual({ kind: "ready" });
  });

  it("that was deleted has nothing left to wait for", async () => {
    const wait = await aWait({});
    wait.jobs.jobs.clear();
    expect(await wait.look()).toEqual({ kind: "ready" });
  });
});

it.each(["find", "open", "write"])("an outage of %s is thrown, and a retry cures it", async (operation) => {
  const wait = await aWait({ images: [inInbox("a.png")] });
  wait.uploads.drop("edit-inbox/a.png", photo);
  wait.uploads.outage.of(operation);
  await expect(wait.look(true)).rejects.toThrow("storage is away");
  wait.uploads.outage.end();
  expect(await wait.look(true)).toEqual({ kind: "ready" });
});
