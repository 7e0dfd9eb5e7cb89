import { expect, it, vi } from "vitest";
import { lateTelemetry } from "../../../../src/adapters/telemetry/telemetry.ts";
import { HeardTelemetry } from "../../../support/telemetry.ts";

it("is silent before it is started and where nobody listens, and does the work all the same", async () => {
  const heard = new HeardTelemetry();
  const late = lateTelemetry(async () => heard);
  expect(await late.span({ name: "early" }, async () => "done")).toBe("done");
  late.add("darkroom.jobs", 1, {});
  expect(heard.spans).toEqual([]);
  expect(heard.numbers).toEqual([]);

  const deaf = lateTelemetry(undefined);
  expect(await deaf.start()).toBeUndefined();
  expect(await deaf.span({ name: "unheard" }, async () => "done")).toBe("done");
  expect(deaf.here()).toBeUndefined();
});

it("is heard from its start on", async () => {
  const heard = new HeardTelemetry();
  heard.trace = "somewhere";
  const stopped = vi.spyOn(heard, "stop");
  const late = lateTelemetry(async () => heard);
  expect(await late.start()).toBeUndefined();
  await late.span({ name: "told" }, async (span) => {
    late.note({ noted: 1 });
    span.set({ set: 2 });
  });
  late.add("darkroom.jobs", 1, {});
  late.record("darkroom.job.duration", 2, {});
  late.emit({ name: "past", id: "1", startedAt: new Date(0), endedAt: new Date(1) });
  expect(late.here()).toBe("somewhere");
  expect(heard.spans).toMatchObject([{ name: "told", attributes: { noted: 1, set: 2 } }]);
  expect(heard.numbers.map(({ value }) => value)).toEqual([1, 2]);
  expect(heard.emitted).toHaveLength(1);
  await late.stop();
  expect(stopped).toHaveBeenCalledOnce();
});

it("stays silent when what it needs can't be loaded, and says so", async () => {
  const late = lateTelemetry(() => Promise.reject(new RangeError("no")));
  expect(await late.start()).toBeInstanceOf(RangeError);
  expect(await late.span({ name: "unheard" }, async () => "done")).toBe("done");
});
