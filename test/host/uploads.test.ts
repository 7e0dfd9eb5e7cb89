import { describe, expect, it } from "vitest";
import type { UploadTickets } from "../../src/contracts/http-api.ts";
import { useDarkroom, useSharedDarkroom } from "../support/darkroom.ts";
import {
  aMask,
  aPicture,
  differences,
  download,
  killHost,
  postEdit,
  put,
  refusedEdit,
  runEdit,
  sentFiles,
  sha256,
  square,
  storageOf,
  tickets,
} from "../support/edits.ts";
import { joined } from "../support/image-parts.ts";

const darkroom = useDarkroom();
const imageParams = (prompt: string) => ({ prompt, size: square });

/** What may be uploaded and can't be used: its name, its bytes, and the reason. */
const unfit = [
  ["a HEIC photo", () => joined("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "unsupportedMedia", /is a HEIC photo/],
  ["text", () => joined("dear diary"), "unsupportedMedia", /PNG|image/],
  [
    "50 MB and a picture",
    async () => joined(await aPicture(8), Buffer.alloc(52_428_800)).subarray(0, 52_428_800),
    "tooLarge",
    /52,428,799 bytes/,
  ],
] as const;

const isThere = async (uploadId: string | undefined) =>
  (await storageOf(darkroom).names("uploads")).includes(uploadId ?? "");

describe("an upload by ticket", () => {
  it("is edited by its id, as often as wanted", async () => {
    const { uploads, job } = await tickets(darkroom, { expects: ["image", "mask"] });
    expect(job).toBeUndefined();
    const [picture, mask] = [await aPicture(1), await aMask()];
    expect([await put(uploads[0], picture), await put(uploads[1], mask)]).toEqual([201, 201]);
    const [image, cover] = uploads.map(({ upload_id }) => ({ upload_id }));
    for (const prompt of ["first of two", "second of two"]) {
      const done = await runEdit(darkroom, { ...imageParams(prompt), images: [image], mask: cover });
      expect(done).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
      expect(await sentFiles(darkroom, prompt)).toEqual({
        images: [sha256(picture)],
        masks: [sha256(mask)],
      });
    }
  });

  it("can be made once, and neither read nor replaced with its link", async () => {
    const { uploads } = await tickets(darkroom, {});
    const [ticket] = uploads;
    expect(await put(ticket, await aPicture(2))).toBe(201);
    expect(await put(ticket, await aPicture(3))).not.toBe(201);
    expect((await fetch(ticket?.url ?? "")).status).toBe(403);
    expect((await fetch(ticket?.url ?? "", { method: "DELETE" })).status).toBe(403);
  });

  it.each(unfit)("of %s is refused when it is used, and removed", async (_, bytes, code, about) => {
    const { uploads } = await tickets(darkroom, {});
    const [ticket] = uploads;
    expect(await put(ticket, await bytes())).toBe(201);
    const images = [{ upload_id: ticket?.upload_id }];
    const error = await refusedEdit(darkroom, { ...imageParams("unfit"), images });
    expect(error).toMatchObject({ code, param: "images.0.upload_id" });
    expect(error.message).toMatch(about);
    expect(await isThere(ticket?.upload_id)).toBe(false);
    expect(await darkroom.calls("unfit")).toEqual([]);
  });
});

describe("tickets that start their edit", () => {
  it.each([
    ["first", [0, 1]],
    ["last", [1, 0]],
  ])("need nothing but uploads, the picture %s", async (when, order) => {
    const prompt = `picture ${when}`;
    const { uploads, job } = await tickets(darkroom, {
      expects: ["image", "mask"],
      on_complete: imageParams(prompt),
    });
    expect(job).toMatchObject({ kind: "edit", status: "queued" });
    const [picture, mask] = [await aPicture(4), await aMask()];
    for (const index of order) expect(await put(uploads[index], index === 0 ? picture : mask)).toBe(201);
    const done = await darkroom.ended(job?.id ?? "");
    expect(done).toMatchObject({ status: "succeeded", images: [{ index: 0 }] });
    const { inside, outside } = await differences(picture, await download(done.images[0]?.url));
    expect([outside, inside > 10_000]).toEqual([0, true]);
    expect(await darkroom.calls(prompt)).toHaveLength(1);
  });

  it.each(unfit)("fail for %s with a reason that names it, and remove it", async (_, bytes, code, about) => {
    const { uploads, job } = await tickets(darkroom, {
      expects: ["image"],
      on_complete: imageParams("unfit, later"),
    });
    expect(await put(uploads[0], await bytes())).toBe(201);
    const done = await darkroom.ended(job?.id ?? "");
    expect(done).toMatchObject({ status: "failed", images: [], error: { code, retryable: false } });
    expect(done.error?.message).toMatch(/^uploads\.0 /);
    expect(done.error?.message).toMatch(about);
    expect(await isThere(uploads[0]?.upload_id)).toBe(false);
    expect(await darkroom.calls("unfit, later")).toEqual([]);
  });

  it("lose nothing when the host is killed between two uploads", async () => {
    const { uploads, job } = await tickets(darkroom, {
      expects: ["mask", "image", "image"],
      on_complete: imageParams("killed in between"),
    });
    const [mask, first, second] = [await aMask(), await aPicture(5), await aPicture(6)];
    await put(uploads[1], first);
    await killHost(darkroom);
    await put(uploads[2], second);
    await put(uploads[0], mask);
    expect(await darkroom.ended(job?.id ?? "")).toMatchObject({ status: "succeeded" });
    expect(await sentFiles(darkroom, "killed in between")).toEqual({
      images: [first, second].map(sha256),
      masks: [sha256(mask)],
    });
  });

  it("are not given for an edit that no model can make", async () => {
    const body = JSON.stringify({ on_complete: { prompt: "impossible", model: "dall-e-3" } });
    const headers = { "content-type": "application/json" };
    const reply = await darkroom.fetch("/api/uploads", { method: "POST", headers, body });
    expect([reply.status, await reply.json()]).toMatchObject([
      400,
      { error: { param: "on_complete.model" } },
    ]);
  });
});

const shared = useSharedDarkroom();

it("another caller's upload is as unknown as one that never was", async () => {
  const [phone, tablet] = [shared.running.key ?? "", shared.otherKey];
  const as = (key: string) => ({ "api-key": key, "content-type": "application/json" });
  const asked = { method: "POST", headers: as(phone), body: "{}" };
  const { uploads } = (await (await shared.fetch("/api/uploads", asked)).json()) as UploadTickets;
  await put(uploads[0], await aPicture(7));
  const edit = async (key: string, id: string | undefined) => {
    const reply = await postEdit(shared, { ...imageParams("whose"), images: [{ upload_id: id }] }, as(key));
    return [reply.status, (await reply.text()).replace(/"request_id":"[^"]*"/, "")];
  };
  const foreign = await edit(tablet, uploads[0]?.upload_id);
  expect(foreign).toEqual(await edit(tablet, `upload_${"0".repeat(32)}`));
  expect(foreign[0]).toBe(400);
  expect((await edit(phone, uploads[0]?.upload_id))[0]).toBe(202);
});
