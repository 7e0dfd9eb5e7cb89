import { expect, it } from "vitest";
import { tagOfId } from "../../../src/domain/job-id.ts";
import { randomJobIds } from "../../../src/platform/job-id-maker.ts";
import { FakeClock } from "../../support/fakes.ts";

const clock = new FakeClock();
const ids = randomJobIds(clock);

it("each request has an id of its own, at the very same time too", () => {
  const made = Array.from({ length: 1_000 }, () => ids.next("key:phone"));
  expect(new Set(made).size).toBe(1_000);
});

it("an id tells whose it is, to whoever knows the caller", () => {
  expect(tagOfId("job", ids.next("key:phone"))).toBe(ids.tagOf("key:phone"));
  expect(ids.tagOf("key:phone")).not.toBe(ids.tagOf("key:web"));
});

it("an id that was made later sorts first", () => {
  const earlier = ids.next("key:phone");
  clock.pass(1);
  expect(ids.next("key:phone") < earlier).toBe(true);
});
