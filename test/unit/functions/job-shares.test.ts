import { describe, expect, it } from "vitest";
import type { Share, ShareList } from "../../../src/contracts/shares.ts";
import { anApp, type App, keep } from "../../support/app.ts";
import { FakeClock } from "../../support/fakes.ts";
import { failedSlot, storedSlot } from "../../support/slots.ts";

const picture = Buffer.from("pixels");
const anonymous = { "x-caller": "" };

async function aJobWithPicture(clock = new FakeClock()) {
  const app = anApp({ clock });
  const job = await keep(app, { status: "succeeded" }, [storedSlot(0), failedSlot(1)]);
  await app.images.put("blobs/0.png", picture, { contentType: "image/png" });
  const path = `/api/jobs/${job.id}/shares`;
  const post = async (body: object = {}, headers: Record<string, string> = {}) =>
    app.ask("jobSharesPost", {
      path,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const open = async (url: string, headers: Record<string, string> = {}) =>
    app.ask("sharedImageGet", {
      path: url.replace(/^https?:\/\/[^/]+/, ""),
      headers: { ...anonymous, ...headers },
    });
  const list = async () => ((await app.ask("jobSharesList", { path })).json as ShareList).shares;
  const revoke = async ({ id }: Share) =>
    app.ask("jobShareDelete", { method: "DELETE", path: `${path}/${id}` });
  return { app, job, clock, path, post, open, list, revoke };
}

const shareOf = async (posted: ReturnType<App["ask"]>) => (await posted).json as Share;

describe("a share", () => {
  it("shows its picture to anyone who has the address, and is listed", async () => {
    const { post, open, list } = await aJobWithPicture();
    const answer = await post();
    expect(answer.status).toBe(201);
    const share = answer.json as Share;
    expect(share.url).toMatch(/^https?:\/\/[^/]+\/shared\/job_.+\/0\?share=shr_[0-9a-f]{32}&signature=/);
    const shown = await open(share.url);
    expect([shown.status, shown.headers.get("content-type"), shown.text]).toEqual([
      200,
      "image/png",
      picture.toString(),
    ]);
    expect(await list()).toEqual([share]);
  });

  it("is kept by caches that ask each time, and is not sent to them twice", async () => {
    const { post, open } = await aJobWithPicture();
    const { url } = await shareOf(post());
    const { headers } = await open(url);
    expect(headers.get("cache-control")).toBe("private, no-cache");
    expect((await open(url, { "if-none-match": headers.get("etag") ?? "" })).status).toBe(304);
  });

  it("that is revoked is gone for those who had it, and for no other", async () => {
    const { post, open, list, revoke } = await aJobWithPicture();
    const [one, other] = [await shareOf(post()), await shareOf(post())];
    const { headers } = await open(one.url);
    expect((await revoke(one)).status).toBe(204);
    expect((await open(one.url, { "if-none-match": headers.get("etag") ?? "" })).status).toBe(410);
    expect([(await open(other.url)).status, await list()]).toEqual([200, [other]]);
  });

  it("is good for as long as was asked", async () => {
    const { post, open, list, clock } = await aJobWithPicture();
    const share = await shareOf(post({ expires_in: 60 }));
    expect((await open(share.url)).status).toBe(200);
    clock.ms += 60_000;
    expect([(await open(share.url)).status, await list()]).toEqual([410, []]);
  });

  it("of a job that is gone is gone", async () => {
    const { app, job, post, open } = await aJobWithPicture();
    const { url } = await shareOf(post());
    app.jobs.jobs.delete(job.id);
    expect((await open(url)).status).toBe(404);
  });

  it("can't be bent to another picture, another job or another share", async () => {
    const { post, open } = await aJobWithPicture();
    const { url } = await shareOf(post());
    const bent = [
      url.replace("/0?", "/1?"),
      url.replace("share=shr_", "share=shr_0"),
      url.replace("/job_", "/job_x"),
      url.slice(0, -1),
    ];
    for (const address of bent) expect((await open(address)).status).toBe(401);
  });
});

describe("a share is refused", () => {
  it.each([
    ["of an image that failed", { index: 1 }, 404],
    ["of an image that isn't there", { index: 2 }, 404],
    ["for less than a minute", { expires_in: 59 }, 400],
    ["with a field nobody knows", { width: 256 }, 400],
  ])("%s", async (_what, body, status) => {
    expect((await (await aJobWithPicture()).post(body)).status).toBe(status);
  });

  it("of another caller's job, as if there were none", async () => {
    const { app, post, path } = await aJobWithPicture();
    const other = { "x-caller": "key:tablet" };
    expect((await post({}, other)).status).toBe(404);
    expect((await app.ask("jobSharesList", { path, headers: other })).status).toBe(404);
    expect(app.shares.shares).toEqual([]);
  });

  it("of a job that is deleted meanwhile, and nothing of it stays", async () => {
    const { app, post } = await aJobWithPicture();
    app.jobs.isDeleted = async () => true;
    expect((await post()).status).toBe(404);
    expect(app.shares.shares).toEqual([]);
  });
});
