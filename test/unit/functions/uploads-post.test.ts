import { describe, expect, it } from "vitest";
import type { UploadTickets } from "../../../src/contracts/http-api.ts";
import { tagOfId } from "../../../src/domain/job-id.ts";
import { anApp, caller } from "../../support/app.ts";
import { asJson, onlyJob } from "../../support/edit-requests.ts";
import { brokenPromises } from "../../support/schemas.ts";

const path = "/api/uploads";

async function ask(body: object, app = anApp()) {
  const answer = await app.ask("uploadsPost", asJson(body, path));
  return { app, ...answer, json: answer.json as UploadTickets };
}

/** A refusal, and what was made before it came: nothing. */
async function refused(body: object) {
  const { app, status, json } = await ask(body);
  const { error } = json as unknown as { error: { param: string; message: string; allowed?: string[] } };
  return { status, ...error, made: [...app.uploads.tickets, ...app.jobs.jobs.keys(), ...app.runner.started] };
}

describe("open tickets", () => {
  const ticketsIn = (app: ReturnType<typeof anApp>) => app.ticketStore.tickets.size;
  const filled = async () => {
    const app = anApp();
    for (let at = 0; at < 10; at += 1) await ask({ expects: Array<string>(10).fill("image") }, app);
    return app;
  };

  it("of one caller are a hundred at most, and the refusal says when the first ends", async () => {
    const app = await filled();
    app.clock.ms += 60_000;
    for (const body of [{}, { on_complete: { prompt: "a hat" } }]) {
      const { status, json, headers } = await ask(body, app);
      expect([status, json]).toMatchObject([
        429,
        {
          error: {
            code: "throttled",
            message: expect.stringContaining("At most 100 uploads") as string,
            retryable: true,
          },
        },
      ]);
      expect(Number(headers.get("retry-after"))).toBe(14 * 60);
    }
    expect([ticketsIn(app), app.jobs.jobs.size]).toEqual([100, 0]);
    const other = await app.ask("uploadsPost", {
      ...asJson({}, path),
      headers: { ...asJson({}, path).headers, "x-caller": "key:other" },
    });
    expect(other.status).toBe(201);
  });

  it("make room when they expire", async () => {
    const app = await filled();
    app.clock.ms += 15 * 60_000;
    expect([(await ask({}, app)).status, ticketsIn(app)]).toEqual([201, 1]);
  });

  it("make room when their upload has come; one that is too large is removed by that look", async () => {
    const app = await filled();
    const [good = "", large = ""] = app.uploads.tickets;
    app.uploads.drop(`uploads/${good}`, "pixels");
    app.uploads.drop(`uploads/${large}`, Buffer.alloc(52_428_800));
    expect([(await ask({}, app)).status, ticketsIn(app)]).toEqual([201, 99]);
    expect([...app.uploads.blobs.keys()]).toEqual([`uploads/${good}`]);
  });
});

describe("tickets", () => {
  it("are for one image unless more is asked", async () => {
    const { app, status, json } = await ask({});
    expect([status, json]).toEqual([
      201,
      {
        uploads: [
          {
            upload_id: app.uploads.tickets[0],
            expects: "image",
            method: "PUT",
            url: `https://storage.example/uploads/${app.uploads.tickets[0] ?? ""}?sig=ticket`,
            headers: { "x-ms-blob-type": "BlockBlob" },
            expires_at: "2026-03-04T05:21:07.000Z",
            max_bytes: 52_428_799,
          },
        ],
      },
    ]);
    expect(app.jobs.jobs.size).toBe(0);
  });

  it("come in the order they were asked for, each with an id of its own", async () => {
    const expects = ["image", "mask", "image"];
    const { app, json } = await ask({ expects });
    expect(json.uploads.map((ticket) => ticket.expects)).toEqual(expects);
    expect(new Set(app.uploads.tickets).size).toBe(3);
    for (const { upload_id, url } of json.uploads) expect(url).toContain(`/uploads/${upload_id}?`);
  });

  it("carry their caller's tag, which makes them nobody else's", async () => {
    const { app, json } = await ask({ expects: ["image", "mask"] });
    for (const { upload_id } of json.uploads)
      expect(tagOfId("upload", upload_id)).toBe(app.ids.tagOf(caller));
  });

  it("are not shown to caches", async () => {
    expect((await ask({})).headers.get("cache-control")).toBe("no-store");
  });

  it.each([{}, { expects: ["image", "mask"], on_complete: { prompt: "a hat" } }])(
    "for %j are answered as the document promises",
    async (body) => {
      const { app, ...answer } = await ask(body);
      expect([answer.status, brokenPromises(app.endpoints.uploadsPost, answer)]).toEqual([201, []]);
    },
  );
});

describe("on_complete", () => {
  const imageParams = { prompt: "a hat", n: 2, tags: ["a"], metadata: { b: "c" }, mask_mode: "resize" };

  it("records a job that waits for the files in order, and starts it", async () => {
    const { app, json } = await ask({ expects: ["image", "mask", "image"], on_complete: imageParams });
    const job = onlyJob(app);
    const [first, mask, second] = app.uploads.tickets;
    expect(job).toMatchObject({
      caller,
      kind: "edit",
      status: "queued",
      model: "gpt-image-1",
      deployment: "image",
      request: { prompt: "a hat", n: 2, size: "auto", mask_mode: "resize" },
      tags: ["a"],
      metadata: { b: "c" },
    });
    expect(job.awaits).toEqual({
      images: [
        { param: "uploads.0", container: "uploads", blob: first },
        { param: "uploads.2", container: "uploads", blob: second },
      ],
      mask: { param: "uploads.1", container: "uploads", blob: mask },
      until: "2026-03-04T05:31:07.000Z",
    });
    expect(app.runner.started).toEqual([job]);
    expect(json.job).toMatchObject({ id: job.id, status: "queued", kind: "edit" });
  });

  it("doesn't take the time of waiting off the job's deadline", async () => {
    const { app } = await ask({ on_complete: { prompt: "a hat" } });
    expect(onlyJob(app)).toMatchObject({
      createdAt: "2026-03-04T05:06:07.000Z",
      deadline: "2026-03-04T06:01:07.000Z",
    });
  });

  it("waits for one image where nothing is said of files, and for no mask", async () => {
    const { app } = await ask({ on_complete: { prompt: "a hat" } });
    expect(onlyJob(app).awaits?.images).toHaveLength(1);
    expect(onlyJob(app).awaits).not.toHaveProperty("mask");
    expect(onlyJob(app)).not.toHaveProperty("inputs");
  });

  it("is refused by the place where its model objects, before any ticket is made", async () => {
    expect(
      await refused({ on_complete: { prompt: "a hat", model: "gpt-image-1", size: "1x1" } }),
    ).toMatchObject({
      status: 400,
      param: "on_complete.size",
      made: [],
    });
    expect(await refused({ on_complete: { prompt: "a hat", model: "dall-e-3" } })).toMatchObject({
      status: 400,
      param: "on_complete.model",
      message: expect.stringMatching(/^dall-e-3 can't edit images/) as string,
      allowed: ["gpt-image-1", "gpt-image-2"],
      made: [],
    });
  });
});

describe("a body is refused", () => {
  it.each([
    [{ expects: ["mask", "mask"] }, "expects", "at most one mask"],
    [{ expects: ["image", "mask", "mask"] }, "expects", "at most one mask"],
    [{ expects: Array.from({ length: 17 }, () => "image") }, "expects", "at most 16 images"],
    [{ expects: [] }, "expects", "at least 1"],
    [{ expects: ["video"] }, "expects.0", "one of: image, mask"],
    [{ expects: ["mask"], on_complete: { prompt: "a hat" } }, "expects", "needs an image"],
    [{ on_complete: {} }, "on_complete.prompt", "required"],
    [{ on_complete: { prompt: "a hat", images: [] } }, "on_complete.images", "not a known field"],
    [{ files: 2 }, "files", "not a known field"],
  ])("as in %j, with nothing made", async (body, param, why) => {
    expect(await refused(body)).toMatchObject({
      status: 400,
      param,
      message: expect.stringContaining(why) as string,
      made: [],
    });
  });
});
