import { describe, expect, it } from "vitest";
import { tagOfId } from "../../../../src/domain/job-id.ts";
import { randomJobIds } from "../../../../src/adapters/crypto/job-id-maker.ts";
import { FakeClock } from "../../../support/fakes.ts";

const clock = new FakeClock();
const ids = randomJobIds(clock);

it("each request has an id of its own, at the very same time too", () => {
  const made = Array.from({ length: 1_000 }, () => ids.next("key:phone"));
  expect(new Set(made).size).toBe(1_000);
});

it("an id tells whose it is, to the one who knows the caller", () => {
  expect(tagOfId("job", ids.next("key:phone"))).toBe(ids.tagOf("key:phone"));
  expect(ids.tagOf("key:phone")).not.toBe(ids.tagOf("key:web"));
});

it("an id that was made later sorts first", () => {
  const earlier = ids.next("key:phone");
  clock.pass(1);
  expect(ids.next("key:phone") < earlier).toBe(true);
});

it("an upload's id is no job's, and tells whose it is all the same", () => {
  const id = ids.nextUpload("key:phone");
  expect(id).toMatch(/^upl_/);
  expect([tagOfId("upload", id), tagOfId("job", id)]).toEqual([ids.tagOf("key:phone"), undefined]);
  expect(tagOfId("upload", ids.next("key:phone"))).toBeUndefined();
  expect(ids.nextUpload("key:phone")).not.toBe(id);
});

describe("the id of a blob's job", () => {
  const version = { etag: "0x1", modifiedAt: new Date("2026-03-04T05:00:00.000Z") };
  const known = ids.ofBlob("app:inbox", "edit-inbox/a.json", version);

  it("is the same for the same version, whenever it is asked for", () => {
    clock.pass(60_000);
    expect(ids.ofBlob("app:inbox", "edit-inbox/a.json", version)).toBe(known);
    expect(tagOfId("job", known)).toBe(ids.tagOf("app:inbox"));
  });

  it.each([
    ["another version", "app:inbox", "edit-inbox/a.json", { ...version, etag: "0x2" }],
    ["another blob", "app:inbox", "edit-inbox/b.json", version],
    ["another caller", "app:other", "edit-inbox/a.json", version],
  ])("is another for %s", (_what, caller, blob, facts) => {
    expect(ids.ofBlob(caller, blob, facts)).not.toBe(known);
  });

  it("sorts by when the blob was written", () => {
    const later = { ...version, modifiedAt: new Date("2026-03-04T05:00:01.000Z") };
    expect(ids.ofBlob("app:inbox", "edit-inbox/a.json", later) < known).toBe(true);
  });
});
