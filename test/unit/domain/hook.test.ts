import { describe, expect, it } from "vitest";
import {
  concerns,
  type HookFilter,
  type HookKey,
  keyText,
  nameOfTarget,
  splitHookId,
  targetOf,
} from "../../../src/domain/hook.ts";
import type { JobStatus } from "../../../src/domain/image-job.ts";

const filter: HookFilter = { caller: "key:phone", outcome: "any", createdAt: "2026-01-02T03:04:05.000Z" };
const ended = {
  caller: "key:phone",
  status: "succeeded" as JobStatus,
  model: "dall-e-3",
  tags: ["demo", "wall"],
  finishedAt: "2026-01-02T03:04:06.000Z",
};

describe("an end concerns a hook", () => {
  it.each([
    ["succeeded", ["succeeded"]],
    ["failed", ["failed"]],
    ["any", ["succeeded", "failed", "canceled"]],
  ] as const)("for %s: of jobs that %j", (outcome, statuses) => {
    const all: JobStatus[] = ["queued", "running", "succeeded", "failed", "canceled"];
    const concerned = all.filter((status) => concerns({ ...filter, outcome }, { ...ended, status }));
    expect(concerned).toEqual(statuses);
  });

  it("of its own model and tag alone, if it says so", () => {
    const fits = (change: Partial<HookFilter>) => concerns({ ...filter, ...change }, ended);
    expect([fits({ model: "dall-e-3" }), fits({ model: "dall-e-2" })]).toEqual([true, false]);
    expect([fits({ tag: "wall" }), fits({ tag: "wal" })]).toEqual([true, false]);
    const { tags, ...untagged } = ended;
    expect([tags.length, concerns({ ...filter, tag: "wall" }, untagged)]).toEqual([2, false]);
  });

  it("of its own caller alone, who may share a partition with another", () => {
    expect(concerns({ ...filter, caller: "key:other" }, ended)).toBe(false);
  });

  it("from the moment it is there: what was before is history", () => {
    expect(concerns({ ...filter, createdAt: ended.finishedAt }, ended)).toBe(true);
    expect(concerns({ ...filter, createdAt: "2026-01-02T03:04:06.001Z" }, ended)).toBe(false);
  });
});

describe("an id", () => {
  const name = "0123456789abcdef".repeat(2);
  const keys: HookKey[] = [
    { kind: "hook", callerTag: "7zxw0n3k1c5q", name },
    { kind: "callback", jobId: `job_${"7".repeat(32)}`, name },
  ];
  const signature = "a-_".repeat(14) + "b";

  it.each(keys)("of a $kind is what it stands for, and a signature", (key) => {
    expect(splitHookId(`${keyText(key)}_${signature}`)).toEqual({ key, signature });
  });

  it.each([
    ...["", "x", name, `hook_${name}`, `upl_${"7".repeat(32)}_${name}_${signature}`],
    ...keys.flatMap((key) => [
      keyText(key),
      `${keyText(key)}_${signature}b`,
      ` ${keyText(key)}_${signature}`,
    ]),
    `hook_7ZXW0N3K1C5Q_${name}_${signature}`,
  ])("is not %j", (text) => {
    expect(splitHookId(text)).toBeUndefined();
  });

  it("makes no target: that holds the name alone", () => {
    for (const key of keys) {
      const target = targetOf(key);
      const other = key.kind === "hook" ? "callback" : "hook";
      expect([nameOfTarget(target, key.kind), nameOfTarget(target, other)]).toEqual([name, undefined]);
    }
  });
});
