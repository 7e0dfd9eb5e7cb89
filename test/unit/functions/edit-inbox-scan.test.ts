import type { Timer } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { publishResultWith } from "../../../src/activities/publish-result.ts";
import { allOf } from "../../../src/async/all-of.ts";
import { editInboxCreated } from "../../../src/functions/edit-inbox-created.ts";
import { editInboxScan } from "../../../src/functions/edit-inbox-scan.ts";
import { anApp } from "../../support/app.ts";
import { MemoryInboxListing, MemoryResultStore } from "../../support/edit-fakes.ts";
import { onlyJob } from "../../support/edit-requests.ts";
import { aContext } from "../../support/http.ts";

const timer = {} as Timer;
const hourMs = 60 * 60_000;

function anInbox(pageSize?: number) {
  const app = anApp();
  const results = new MemoryResultStore();
  const inbox = new MemoryInboxListing(app.uploads, pageSize);
  const deps = {
    ...app,
    inbox,
    runner: () => app.runner,
    inboxCaller: "app:inbox",
    publishResult: publishResultWith({ jobs: app.jobs, results }),
  };
  const log: string[] = [];
  /** Looks at single files and rows that storage was asked for. */
  const looks: string[] = [];
  const find = app.uploads.find.bind(app.uploads);
  app.uploads.find = async (source) => {
    looks.push(`find ${source.blob}`);
    return find(source);
  };
  const read = app.jobs.read.bind(app.jobs);
  app.jobs.read = async (jobId) => {
    looks.push("read");
    return read(jobId);
  };
  const instance = () => {
    const handler = editInboxScan(deps);
    return async () => handler(timer, aContext(log));
  };
  const notify = async (blob: string) => {
    const context = aContext(log);
    context.triggerMetadata = { blobTrigger: `edit-inbox/${blob}` };
    await editInboxCreated(deps)(Buffer.alloc(0), context);
  };
  const drop = (blob: string, content: object | string, metadata?: Record<string, string>) =>
    app.uploads.drop(`edit-inbox/${blob}`, content, metadata);
  return { app, inbox, results, log, looks, instance, scan: instance(), notify, drop };
}

const sidecar = { prompt: "a hat", image: "cat.png" };

describe("files of the inbox that ask for nothing", () => {
  it("are reported once, when they have lain there for ten minutes and no sidecar can name them", async () => {
    const { app, scan, log, drop } = anInbox();
    drop("alone/cat.png", "png");
    drop("in/cat.png", "png");
    drop("in/cat.json", sidecar);
    await scan();
    app.clock.pass(10 * 60_000 - 1);
    await scan();
    const reports = () => log.filter((line) => line.includes("ignored"));
    expect(reports()).toEqual([]);
    for (let round = 0; round < 2; round += 1) {
      app.clock.pass(15_000);
      await scan();
    }
    expect(reports()).toEqual([expect.stringMatching(/1 file\(s\) of the inbox are ignored/)]);
  });
});

describe("a file of the inbox that nobody told of", () => {
  it.each([
    ["a sidecar", "in/cat.json", sidecar, undefined],
    ["an image with a prompt", "cat.png", "png", { prompt: "a hat" }],
  ])("is started once it has lain there for 30 s: %s", async (_, blob, content, metadata) => {
    const { app, instance, drop } = anInbox();
    drop(blob, content, metadata);
    app.clock.pass(29_999);
    await instance()();
    expect(app.jobs.jobs.size).toBe(0);
    app.clock.pass(1);
    await instance()();
    expect(onlyJob(app)).toMatchObject({ status: "queued", inbox: { blob } });
    expect(app.runner.started).toEqual([onlyJob(app)]);
  });

  it("is one job with its event, whichever comes first or in between", async () => {
    for (const order of ["notify scan", "scan notify", "both"]) {
      const { app, scan, notify, drop } = anInbox();
      drop("cat.json", sidecar);
      app.clock.pass(30_000);
      const steps = { notify: async () => notify("cat.json"), scan };
      if (order === "both") await Promise.all([scan(), notify("cat.json")]);
      else for (const step of order.split(" ")) await steps[step as keyof typeof steps]();
      expect([order, app.jobs.jobs.size, app.runner.started.length]).toEqual([order, 1, 1]);
    }
  });

  it("that can't be granted is a failed job with a result", async () => {
    const { app, results, scan, drop } = anInbox();
    drop("cat.json", "{");
    app.clock.pass(30_000);
    await scan();
    expect([onlyJob(app).status, [...results.results.keys()]]).toEqual(["failed", ["cat.json"]]);
  });

  it("in a new version has its own time to be told of", async () => {
    const { app, scan, drop } = anInbox();
    drop("cat.json", sidecar);
    app.clock.pass(30_000);
    app.uploads.beforeRead = () => {
      app.uploads.beforeRead = () => undefined;
      drop("cat.json", sidecar);
    };
    await scan();
    expect(app.jobs.jobs.size).toBe(0);
    app.clock.pass(30_000);
    await scan();
    expect(onlyJob(app).inbox).toEqual({ blob: "cat.json", modifiedAt: "2026-03-04T05:06:37.000Z" });
  });

  it("for most of a day is not looked for any more: idempotency records of files may be gone by then", async () => {
    const { app, scan, drop, looks } = anInbox();
    drop("cat.json", sidecar);
    app.clock.pass(23 * hourMs);
    await scan();
    expect([app.jobs.jobs.size, looks]).toEqual([0, []]);
  });
});

describe("a file that is known", () => {
  it("is looked at once by each instance, and asks for one row then", async () => {
    const { app, scan, instance, notify, drop, looks } = anInbox();
    drop("cat.json", sidecar);
    await notify("cat.json");
    app.clock.pass(30_000);
    looks.length = 0;
    for (let round = 0; round < 4; round += 1) await scan();
    expect(looks).toEqual(["read"]);
    await instance()();
    expect(looks).toEqual(["read", "read"]);
  });

  it("and whose job was deleted is not made again, by any instance", async () => {
    const { app, instance, notify, drop } = anInbox();
    drop("cat.json", sidecar);
    await notify("cat.json");
    app.jobs.removeJob(onlyJob(app).id);
    app.clock.pass(22 * hourMs);
    await instance()();
    expect(app.jobs.jobs.size).toBe(0);
  });

  it("to ask for nothing is never read", async () => {
    const { app, scan, drop, looks } = anInbox();
    drop("cat.png", "png", { author: "me" });
    app.clock.pass(30_000);
    await scan();
    await scan();
    expect(looks).toEqual([]);
  });
});

describe("a round", () => {
  it("over an empty inbox is one listing", async () => {
    const { scan, inbox, looks } = anInbox();
    await scan();
    expect([inbox.listed, looks]).toEqual([1, []]);
  });

  it("over many pages comes as much less often", async () => {
    const { app, scan, inbox, drop } = anInbox(2);
    for (const name of ["a", "b", "c", "d", "e"]) drop(`${name}.png`, "png");
    for (let round = 0; round < 6; round += 1) {
      await scan();
      app.clock.pass(15_000);
    }
    expect(inbox.listed).toBe(6);
  });

  it("that fails for one file starts the others, and tries that one again a minute later", async () => {
    const { app, scan, drop, log } = anInbox();
    drop("a.json", sidecar);
    drop("b.png", "png", { prompt: "a hat" });
    app.clock.pass(30_000);
    app.uploads.outage.of("open");
    await scan();
    expect(onlyJob(app).inbox?.blob).toBe("b.png");
    expect(log.join("\n")).toMatch(/error: a file of the inbox could not be handled: storage is away/);
    app.uploads.outage.end();
    app.clock.pass(45_000);
    await scan();
    expect(app.jobs.jobs.size).toBe(1);
    app.clock.pass(15_000);
    await scan();
    expect(app.jobs.jobs.size).toBe(2);
  });

  it("that fails for a file five times gives it up, as the host does", async () => {
    const { app, results, scan, drop } = anInbox();
    drop("cat.json", sidecar);
    app.clock.pass(30_000);
    app.uploads.outage.of("open");
    for (let round = 0; round < 5; round += 1) {
      await scan();
      expect(app.jobs.jobs.size).toBe(0);
      app.clock.pass(60_000);
    }
    await scan();
    expect(onlyJob(app)).toMatchObject({ status: "failed", failure: { code: "internal" } });
    expect([...results.results.keys()]).toEqual(["cat.json"]);
  });

  it("that lasts too long leaves the rest to the next one", async () => {
    const { app, scan, drop } = anInbox();
    for (let file = 0; file < 20; file += 1) drop(`${file}.json`, sidecar);
    app.clock.pass(30_000);
    const create = app.jobs.create.bind(app.jobs);
    app.jobs.create = async (job) => {
      app.clock.pass(10_000);
      return create(job);
    };
    await scan();
    expect(app.jobs.jobs.size).toBe(8);
    for (let round = 0; round < 2; round += 1) await scan();
    expect(app.jobs.jobs.size).toBe(20);
  });
});

it("a timer that does several things does each, and fails if one did", async () => {
  const done: string[] = [];
  const handler = allOf(
    () => {
      throw new Error("away");
    },
    async () => {
      await Promise.resolve();
      done.push("second");
    },
  );
  await expect((async () => handler(timer, aContext()))()).rejects.toThrow("away");
  expect(done).toEqual(["second"]);
});
