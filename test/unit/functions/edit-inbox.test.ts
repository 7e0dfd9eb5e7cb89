import { describe, expect, it } from "vitest";
import { publishResultWith } from "../../../src/activities/publish-result.ts";
import { editInboxCreated } from "../../../src/functions/edit-inbox-created.ts";
import { editInboxPoison } from "../../../src/functions/edit-inbox-poison.ts";
import { anApp } from "../../support/app.ts";
import { MemoryResultStore } from "../../support/edit-fakes.ts";
import { onlyJob } from "../../support/edit-requests.ts";
import { aContext } from "../../support/http.ts";

/** The inbox's two triggers, told of files as the host tells of them. */
function anInbox() {
  const app = anApp();
  const results = new MemoryResultStore();
  const deps = {
    ...app,
    runner: () => app.runner,
    inboxCaller: "app:inbox",
    publishResult: publishResultWith({ jobs: app.jobs, results }),
  };
  const log: string[] = [];
  const notify = async (blob: string) => {
    const context = aContext(log);
    context.triggerMetadata = { blobTrigger: `edit-inbox/${blob}` };
    await editInboxCreated(deps)(Buffer.from("never looked at"), context);
  };
  const poison = async (message: unknown) => {
    await editInboxPoison(deps)(message, aContext(log));
  };
  const drop = (blob: string, content: object | string) => app.uploads.drop(`edit-inbox/${blob}`, content);
  return { app, results, log, notify, poison, drop };
}

const sidecar = { prompt: "a hat", image: "cat.png" };
const poisonOf = (blob: string, container = "edit-inbox") => ({
  Type: "BlobTrigger",
  ContainerName: container,
  BlobName: blob,
});

describe("a file of the inbox", () => {
  it("is recorded and started, told once or five times", async () => {
    const { app, results, notify, drop } = anInbox();
    drop("in/cat.json", sidecar);
    for (let time = 0; time < 5; time += 1) await notify("in/cat.json");
    expect(onlyJob(app)).toMatchObject({ status: "queued", inbox: { blob: "in/cat.json" } });
    expect(app.runner.started).toEqual([onlyJob(app)]);
    expect(results.results.size).toBe(0);
  });

  it("is another job in another version", async () => {
    const { app, notify, drop } = anInbox();
    drop("cat.json", sidecar);
    await notify("cat.json");
    drop("cat.json", sidecar);
    await notify("cat.json");
    expect(app.runner.started).toHaveLength(2);
  });

  it("that asks for nothing, or is gone, leaves no trace", async () => {
    const { app, results, notify, drop } = anInbox();
    drop("cat.png", "png");
    await notify("cat.png");
    await notify("gone.json");
    expect([app.jobs.jobs.size, results.results.size]).toEqual([0, 0]);
  });

  it("that can't be granted is a failed job, whose result says why; nothing is started", async () => {
    const { app, results, log, notify, drop } = anInbox();
    drop("in/cat.json", { image: "cat.png" });
    await notify("in/cat.json");
    expect(onlyJob(app)).toMatchObject({ status: "failed" });
    expect(app.runner.started).toEqual([]);
    expect([...results.results]).toMatchObject([
      [
        "in/cat.json",
        {
          result: {
            id: onlyJob(app).id,
            status: "failed",
            error: { code: "invalidRequest", message: "prompt is required.", retryable: false },
            source: "edit-inbox/in/cat.json",
          },
        },
      ],
    ]);
    expect(log.join("\n")).toMatch(/warn.* was refused: invalidRequest/);
  });

  it("whose result could not be written is told again, and it is written then", async () => {
    const { app, results, notify, drop } = anInbox();
    drop("cat.json", "{");
    results.outage.of("publish");
    await expect(notify("cat.json")).rejects.toThrow("storage is away");
    results.outage.end();
    await notify("cat.json");
    expect([app.jobs.jobs.size, [...results.results.keys()]]).toEqual([1, ["cat.json"]]);
  });

  it("whose job has ended is told again, and its result is seen to", async () => {
    const { app, results, notify, drop } = anInbox();
    drop("cat.json", sidecar);
    await notify("cat.json");
    await app.jobs.advance(onlyJob(app).id, "running", {});
    await app.jobs.advance(onlyJob(app).id, "succeeded", {});
    await notify("cat.json");
    expect(results.results.get("cat.json")).toMatchObject({ result: { status: "succeeded" } });
    expect(app.runner.started).toHaveLength(1);
  });

  it("that another telling has just recorded is left to that one", async () => {
    const { app, notify, drop } = anInbox();
    drop("cat.json", sidecar);
    // Both look before either has recorded.
    app.jobs.read = async () => Promise.resolve(undefined);
    await notify("cat.json");
    await expect(notify("cat.json")).resolves.toBeUndefined();
    expect(app.runner.started).toHaveLength(1);
  });

  it("whose job was deleted is not made again, told once more", async () => {
    const { app, notify, drop } = anInbox();
    drop("cat.json", sidecar);
    await notify("cat.json");
    app.jobs.removeJob(onlyJob(app).id);
    await notify("cat.json");
    expect([app.jobs.jobs.size, app.runner.started.length]).toEqual([0, 1]);
  });

  it("that can't be recorded now is told again", async () => {
    const { app, notify, drop } = anInbox();
    drop("cat.json", sidecar);
    app.jobs.outage.of("create");
    await expect(notify("cat.json")).rejects.toThrow("storage is away");
    app.jobs.outage.end();
    await notify("cat.json");
    expect(app.runner.started).toHaveLength(1);
  });

  it("without a name is an error of the host's", async () => {
    const deps = anInbox();
    const context = aContext();
    context.triggerMetadata = {};
    const handler = editInboxCreated({
      ...deps.app,
      runner: () => deps.app.runner,
      inboxCaller: "x",
      publishResult: async () => Promise.resolve(),
    });
    await expect(handler(Buffer.alloc(0), context)).rejects.toMatchObject({ code: "internal" });
  });

  it("never has its prompt in the log", async () => {
    const { log, notify, drop } = anInbox();
    drop("cat.json", { ...sidecar, prompt: "SECRET-PROMPT" });
    await notify("cat.json");
    expect(log.join("\n")).toContain("accepted: edit");
    expect(log.join("\n")).not.toContain("SECRET-PROMPT");
  });
});

describe("a poison message", () => {
  it("ends its file as a failed job with a result", async () => {
    const { app, results, poison, drop } = anInbox();
    drop("cat.json", sidecar);
    await poison(poisonOf("cat.json"));
    expect(onlyJob(app)).toMatchObject({ status: "failed", failure: { code: "internal" } });
    expect(app.runner.started).toEqual([]);
    expect(results.results.get("cat.json")).toMatchObject({ result: { status: "failed" } });
  });

  it("of a file whose job is known changes nothing of that job", async () => {
    const { app, results, notify, poison, drop } = anInbox();
    drop("cat.json", sidecar);
    await notify("cat.json");
    await poison(poisonOf("cat.json"));
    expect([onlyJob(app).status, results.results.size]).toEqual(["queued", 0]);
  });

  it("of a file that is gone is drained without a word", async () => {
    const { app, log, poison } = anInbox();
    await poison(poisonOf("gone.json"));
    expect([app.jobs.jobs.size, log]).toEqual([0, []]);
  });

  it.each([poisonOf("cat.json", "elsewhere"), { BlobName: "cat.json" }, "cat.json", null, 7])(
    "that isn't of the inbox is dropped: %j",
    async (message) => {
      const { app, log, poison, drop } = anInbox();
      drop("cat.json", sidecar);
      await poison(message);
      expect(app.jobs.jobs.size).toBe(0);
      expect(log).toEqual([expect.stringMatching(/warn.*not of edit-inbox was dropped/)]);
    },
  );
});
