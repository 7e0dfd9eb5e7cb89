import { describe, expect, it } from "vitest";
import { generationRequest } from "../../../../src/contracts/requests.ts";
import { errorInfo } from "../../../../src/domain/app-error.ts";
import type { CallRecord, JobRecord } from "../../../../src/ports/records.ts";
import {
  callKey,
  fromCallRow,
  fromJobRow,
  fromSlotRow,
  jobKey,
  slotKey,
  toCallRow,
  toJobRow,
  toSlotRow,
} from "../../../../src/adapters/storage/job-entities.ts";
import { aJob } from "../../../support/jobs.ts";
import { failedSlot, storedSlot } from "../../../support/slots.ts";

// A string column holds 64 KiB of UTF-16.
const maxColumnLength = 32 * 1024;

describe("a job's row", () => {
  it("gives back the job it was made of", () => {
    const job: JobRecord = aJob({
      status: "failed",
      tags: ["a"],
      metadata: { order: "7" },
      startedAt: "2026-01-02T03:04:06.000Z",
      finishedAt: "2026-01-02T03:04:07.000Z",
      failure: errorInfo("contentFilter", "Refused."),
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      repeatedCalls: 1,
    });
    expect(fromJobRow({ ...toJobRow(job), rowKey: job.id })).toEqual(job);
  });

  it.each([
    ["32,000 letters", "x".repeat(32_000)],
    ["32,000 emoji", "\u{1f98a}".repeat(32_000)],
    ["a letter and 31,999 emoji", `x${"\u{1f98a}".repeat(31_999)}`],
  ])("holds a prompt of %s in columns of half characters none", (_what, prompt) => {
    const job = aJob({});
    const row = toJobRow({ ...job, request: { ...job.request, prompt } });
    expect(fromJobRow({ ...row, rowKey: job.id }).request.prompt).toBe(prompt);
    for (const column of [row.prompt, row.promptRest ?? ""]) {
      expect([column.length <= maxColumnLength, column.isWellFormed()]).toEqual([true, true]);
    }
  });

  it("gives back an edit's inputs, arrived and awaited, and its file of the inbox", () => {
    const input = {
      blob: "x/image-0",
      contentType: "image/png",
      width: 1,
      height: 2,
      bytes: 3,
      sha256: "ab",
    };
    const awaited = { param: "image", container: "edit-inbox" as const, blob: "a.png" };
    const job = aJob({
      kind: "edit",
      inputs: { images: [input, input], mask: input },
      awaits: {
        images: [{ ...awaited, etag: "0x1" }, awaited],
        mask: awaited,
        until: "2026-01-02T03:04:06.000Z",
      },
      inbox: { blob: "a.json", modifiedAt: "2026-01-02T03:04:05.000Z" },
    });
    expect(fromJobRow({ ...toJobRow(job), rowKey: job.id })).toEqual(job);
  });

  it("that was written before there were edits is read as it was", () => {
    const job = aJob();
    const { inputs, ...old } = toJobRow(job);
    expect([inputs, fromJobRow({ ...old, rowKey: job.id })]).toEqual(["{}", job]);
  });

  it.each([
    ["queued", true],
    ["running", true],
    ["succeeded", false],
    ["failed", false],
    ["canceled", false],
  ] as const)("of a job that is %s is open: %s", (status, open) => {
    expect(toJobRow(aJob({ status })).open).toBe(open);
  });

  it("with a status that nobody knows is refused", () => {
    const job = aJob();
    expect(() => fromJobRow({ ...toJobRow(job), rowKey: job.id, status: "lost" })).toThrow("unknown status");
  });

  it.each(["job_x", "", "a/b", "x'; drop"])("has no key for %j, which is no job's id", (id) => {
    expect(() => jobKey(id)).toThrow("no such job");
  });

  it("holds the largest request that is accepted, in the characters that take most room", () => {
    const worst = "\u0001";
    const fields = {
      prompt: worst.repeat(32_000),
      user: worst.repeat(512),
      tags: Array.from({ length: 8 }, () => "t".repeat(64)),
      quality: worst.repeat(64),
      size: worst.repeat(64),
      style: worst.repeat(64),
      response_format: worst.repeat(64),
      background: worst.repeat(64),
      moderation: worst.repeat(64),
      output_format: worst.repeat(64),
    };
    const pairs = (length: number) =>
      Object.fromEntries(
        Array.from({ length: 16 }, (_, i) => [`${worst.repeat(62)}${i + 10}`, worst.repeat(length)]),
      );
    // The longest pairs that the contract still takes.
    const taken = Array.from({ length: 513 }, (_, length) => length).filter(
      (length) => generationRequest.safeParse({ ...fields, metadata: pairs(length) }).success,
    );
    expect(taken).not.toEqual([]);
    const { metadata, tags, ...request } = generationRequest.parse({
      ...fields,
      metadata: pairs(taken.at(-1) ?? 0),
    });
    const row = toJobRow(
      aJob({
        request: { ...aJob().request, ...request, n: 10 } as JobRecord["request"],
        tags: tags ?? [],
        metadata: metadata ?? {},
      }),
    );
    for (const column of Object.values(row)) expect(String(column).length).toBeLessThan(maxColumnLength);
  });

  it.each(["size", "quality", "style", "response_format", "background", "moderation", "output_format"])(
    "has room for no endless %s, which a model nobody described would let through",
    (field) => {
      expect(generationRequest.safeParse({ prompt: "a cat", [field]: "x".repeat(65) }).success).toBe(false);
    },
  );
});

describe("rows of slots and calls", () => {
  it("give back what they were made of", () => {
    for (const slot of [storedSlot(3), failedSlot(4)])
      expect(fromSlotRow(toSlotRow("job", slot))).toEqual(slot);
    const call: CallRecord = {
      call: 2,
      inDoubt: ["a1", "a2"],
      duplicates: ["a2"],
      operation: "/o/1",
      outcome: { kind: "stored" },
    };
    expect(fromCallRow(toCallRow("job", call))).toEqual(call);
  });

  it("tell thumbnails by a column of their own, which is written alone", () => {
    const row = { ...toSlotRow("job", storedSlot(3)), thumbnails: true };
    expect(fromSlotRow(row)).toMatchObject({ hasThumbnails: true });
  });

  it("sort by number, and never stand in each other's way", () => {
    expect([slotKey(2) < slotKey(10), callKey(2) < callKey(10)]).toEqual([true, true]);
    expect(slotKey(1)).not.toBe(callKey(1));
  });
});
