import { describe, expect, it } from "vitest";
import type { JobList } from "../../../src/contracts/http-api.ts";
import { hmacCursorSigner } from "../../../src/adapters/crypto/cursor-signer.ts";
import type { JobRecord } from "../../../src/ports/records.ts";
import { type App, anApp, keep } from "../../support/app.ts";
import { storedSlot } from "../../support/slots.ts";

const path = "/api/jobs";
const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 4, second)).toISOString();

async function list(app: App, query = "", headers: Record<string, string> = {}) {
  const { status, json, text } = await app.ask("jobsList", { path: path + query, headers });
  expect([status, text]).toEqual([200, text]);
  return json as JobList;
}

async function refusal(app: App, query: string, headers: Record<string, string> = {}) {
  const { status, json } = await app.ask("jobsList", { path: path + query, headers });
  expect(status).toBe(400);
  return (json as { error: { param?: string; message: string; allowed?: string[] } }).error;
}

async function keepMany(app: App, ...changes: Partial<JobRecord>[]): Promise<string[]> {
  const jobs: JobRecord[] = [];
  for (const [second, change] of changes.entries())
    jobs.push(await keep(app, { createdAt: at(second), ...change }));
  return jobs.map(({ id }) => id);
}

const idsOf = ({ jobs }: JobList) => jobs.map(({ id }) => id);

describe("a list of jobs", () => {
  it("has the caller's own, newest first, whole with images and links", async () => {
    const app = anApp();
    const older = await keep(app, { status: "succeeded", createdAt: at(1) }, [storedSlot(0)]);
    const newer = await keep(app, { createdAt: at(2) });
    await keep(app, { caller: "key:tablet", createdAt: at(3) });
    const page = await list(app);
    expect(idsOf(page)).toEqual([newer.id, older.id]);
    expect(page).not.toHaveProperty("next_cursor");
    expect(page.jobs[1]).toMatchObject({
      status: "succeeded",
      images: [{ index: 0, url: expect.stringContaining("blobs/0.png?sig=") as string }],
      links: { self: expect.stringContaining(`/api/jobs/${older.id}`) as string },
    });
  });

  it("is read page by page, each job once", async () => {
    const app = anApp();
    const ids = await keepMany(app, {}, {}, {}, {}, {});
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await list(app, `?limit=2${cursor}`);
      expect(page.jobs.length).toBeLessThanOrEqual(2);
      seen.push(...idsOf(page));
      cursor = page.next_cursor === undefined ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    expect(seen).toEqual(ids.reverse());
  });

  it("has 20 jobs to a page unless told otherwise", async () => {
    const app = anApp();
    await keepMany(app, ...Array.from({ length: 21 }, () => ({})));
    expect((await list(app)).jobs).toHaveLength(20);
    expect((await list(app, "?limit=100")).jobs).toHaveLength(21);
  });

  it("is narrowed to a status, a model and a tag", async () => {
    const app = anApp();
    const [one] = await keepMany(
      app,
      { status: "failed", model: "dall-e-2", tags: ["a", "b"] },
      { status: "failed", model: "dall-e-2", tags: ["a"] },
      { status: "failed", tags: ["b"] },
      { model: "dall-e-2", tags: ["b"] },
    );
    expect(idsOf(await list(app, "?status=failed&model=dall-e-2&tag=b"))).toEqual([one]);
    expect((await list(app, "?model=no-such")).jobs).toEqual([]);
  });
});

describe("a list refuses, and says what it takes:", () => {
  it.each([
    ["?status=done", "status", "queued, running, succeeded, failed, canceled"],
    ["?status=", "status", "queued"],
    ["?model=", "model", "at least 1"],
    [`?model=${"x".repeat(65)}`, "model", "at most 64"],
    ["?tag=a%20b", "tag", "letters, digits"],
    ["?limit=0", "limit", "from 1 to 100"],
    ["?limit=101", "limit", "from 1 to 100"],
    ["?limit=ten", "limit", "from 1 to 100"],
    ["?limit=1.5", "limit", "from 1 to 100"],
    ["?limit=", "limit", "from 1 to 100"],
    ["?limit=1e1", "limit", "from 1 to 100"],
    ["?page=2", "page", "status, model, tag, limit, cursor"],
    ["?status=failed&status=queued", "status", "once"],
    [`?cursor=${"x".repeat(2_049)}`, "cursor", "at most 2048"],
  ])("%s", async (query, param, allowed) => {
    const error = await refusal(anApp(), query);
    expect(error.param).toBe(param);
    expect(error.message).toContain(allowed);
  });
});

describe("a cursor", () => {
  async function aCursor(app: App, query = ""): Promise<string> {
    await keepMany(app, { tags: ["a"] }, { tags: ["a"] });
    return (await list(app, `?limit=1${query}`)).next_cursor ?? "";
  }

  it.each(["x", "x.y", "a.b.c", "", ".", "%00", "%F0%9F%98%80.x", "WzEsIiJd"])(
    "that is none, such as %j, is refused",
    async (text) => {
      expect((await refusal(anApp(), `?cursor=${text}`)).param).toBe("cursor");
    },
  );

  it("that was altered in any place is refused", async () => {
    const app = anApp();
    const cursor = await aCursor(app);
    for (let place = 0; place < cursor.length; place += 1) {
      const other = cursor[place] === "A" ? "B" : "A";
      const altered = cursor.slice(0, place) + other + cursor.slice(place + 1);
      expect((await refusal(app, `?cursor=${altered}`)).param).toBe("cursor");
    }
  });

  it("that was signed with another key is refused", async () => {
    const app = anApp();
    const cursor = await aCursor(app);
    Object.assign(app.cursors, hmacCursorSigner("another signing key of 32 characters"));
    expect((await refusal(app, `?cursor=${cursor}`)).param).toBe("cursor");
  });

  it("of another caller, or of other filters, is refused", async () => {
    const app = anApp();
    const cursor = await aCursor(app, "&tag=a");
    expect((await list(app, `?tag=a&cursor=${cursor}`)).jobs).toHaveLength(1);
    await refusal(app, `?cursor=${cursor}`);
    await refusal(app, `?tag=b&cursor=${cursor}`);
    await refusal(app, `?tag=a&status=queued&cursor=${cursor}`);
    await refusal(app, `?tag=a&cursor=${cursor}`, { "x-caller": "key:tablet" });
  });

  it("goes on with another limit", async () => {
    const app = anApp();
    const cursor = await aCursor(app);
    expect((await list(app, `?limit=100&cursor=${cursor}`)).jobs).toHaveLength(1);
  });

  it("goes on where it was although its job is gone and others came", async () => {
    const app = anApp();
    const [oldest = "", , newest = ""] = await keepMany(app, {}, {}, {});
    const { next_cursor: cursor } = await list(app, "?limit=1");
    app.jobs.removeJob(newest);
    await keep(app, { createdAt: at(9) });
    expect(idsOf(await list(app, `?cursor=${cursor ?? ""}`)).at(-1)).toBe(oldest);
    expect((await list(app, `?cursor=${cursor ?? ""}`)).jobs).toHaveLength(2);
  });
});
