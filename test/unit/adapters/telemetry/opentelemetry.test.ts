import type { ExportResult } from "@opentelemetry/core";
import { AggregationTemporality, InMemoryMetricExporter } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { expect, it, vi } from "vitest";
import { openTelemetry } from "../../../../src/adapters/telemetry/opentelemetry.ts";
import type { Telemetry } from "../../../../src/adapters/telemetry/telemetry.ts";
import { someTrace } from "../../../support/telemetry.ts";

/** The real SDK; what it exports is kept, also over its end. */
class KeptSpans extends InMemorySpanExporter {
  readonly kept: ReadableSpan[] = [];
  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.kept.push(...spans);
    super.export(spans, done);
  }
}

function listening(spans: SpanExporter = new KeptSpans()) {
  const numbers = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const exported = vi.spyOn(numbers, "export");
  const telemetry = openTelemetry({
    serviceName: "a-name",
    listeners: [{ spans, numbers }],
    intervalMs: 3_600_000,
    patienceMs: 200,
  });
  return { telemetry, exported };
}

async function spansOf(run: (telemetry: Telemetry) => Promise<unknown>): Promise<ReadableSpan[]> {
  const spans = new KeptSpans();
  const { telemetry } = listening(spans);
  await run(telemetry);
  await telemetry.stop();
  return spans.kept;
}

const named = (spans: ReadableSpan[], name: string): ReadableSpan => {
  const found = spans.find((span) => span.name === name);
  if (!found) throw new Error(`no span ${name}`);
  return found;
};

it("a span belongs to the one around it, and has what that one shares but not what it keeps to itself", async () => {
  const spans = await spansOf((telemetry) =>
    telemetry.span({ name: "outer", shared: { job: "j", none: undefined }, attributes: { own: 1 } }, () =>
      telemetry.span({ name: "inner", kind: "client" }, () => Promise.resolve()),
    ),
  );
  const [outer, inner] = [named(spans, "outer"), named(spans, "inner")];
  expect(inner.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
  expect(inner.attributes).toEqual({ job: "j" });
  expect(outer.attributes).toEqual({ job: "j", own: 1 });
  expect(inner.resource.attributes["service.name"]).toBe("a-name");
});

it("a span with a parent of its own joins that trace, wherever it runs, and keeps its links", async () => {
  const link = `00-${"c".repeat(32)}-${"d".repeat(16)}-01`;
  const spans = await spansOf((telemetry) =>
    telemetry.span({ name: "outer" }, () =>
      telemetry.span({ name: "joined", parent: someTrace, links: [link, "nonsense"] }, () =>
        Promise.resolve(),
      ),
    ),
  );
  const joined = named(spans, "joined");
  expect(joined.spanContext().traceId).toBe("a".repeat(32));
  expect(joined.parentSpanContext?.spanId).toBe("b".repeat(16));
  expect(joined.links.map(({ context }) => context.spanId)).toEqual(["d".repeat(16)]);
});

it("what was not sampled where it began is not told here", async () => {
  const spans = await spansOf((telemetry) =>
    telemetry.span({ name: "unseen", parent: someTrace.replace(/01$/, "00") }, () => Promise.resolve()),
  );
  expect(spans).toEqual([]);
});

it("a failure is thrown on and told by its code or class, never by its message", async () => {
  const secret = "https://account.example/?sig=secret";
  const failures = [
    new TypeError(secret),
    Object.assign(new Error(secret), { code: "ECONNRESET" }),
    Object.assign(new Error(secret), { code: secret }),
  ];
  const spans = await spansOf(async (telemetry) => {
    for (const failure of failures)
      await expect(telemetry.span({ name: "failing" }, () => Promise.reject(failure))).rejects.toBe(failure);
  });
  expect(spans.map(({ attributes }) => attributes["error.type"])).toEqual([
    "TypeError",
    "ECONNRESET",
    "Error",
  ]);
  expect(spans.map(({ status }) => status)).toEqual(Array(3).fill({ code: 2 }));
  expect(spans.flatMap(({ events }) => events)).toEqual([]);
});

it("a span that is told afterwards has the id that others named, and only that one has it", async () => {
  const [startedAt, endedAt] = [new Date(1_700_000_000_000), new Date(1_700_000_002_500)];
  const spans = await spansOf(async (telemetry) => {
    telemetry.emit({
      name: "past",
      id: "1234567890abcdef",
      parent: someTrace,
      startedAt,
      endedAt,
      error: "expired",
    });
    await telemetry.span({ name: "next" }, () => Promise.resolve());
  });
  const past = named(spans, "past");
  expect(past.spanContext()).toMatchObject({ traceId: "a".repeat(32), spanId: "1234567890abcdef" });
  expect([past.startTime, past.endTime]).toEqual([
    [1_700_000_000, 0],
    [1_700_000_002, 500_000_000],
  ]);
  expect(past.attributes).toEqual({ "error.type": "expired" });
  expect(named(spans, "next").spanContext().spanId).not.toBe("1234567890abcdef");
});

it("says where it is in a form that others can join, and nothing outside a span", async () => {
  const { telemetry } = listening();
  expect(telemetry.here()).toBeUndefined();
  const here = await telemetry.span({ name: "here", parent: someTrace }, () =>
    Promise.resolve(telemetry.here()),
  );
  expect(here).toMatch(new RegExp(`^00-${"a".repeat(32)}-(?!b+-)[0-9a-f]{16}-01$`));
  await telemetry.stop();
});

it("a note goes to the span around it, and nowhere outside one", async () => {
  const spans = await spansOf(async (telemetry) => {
    telemetry.note({ lost: 1 });
    await telemetry.span({ name: "noted" }, async (span) => {
      telemetry.note({ found: 1 });
      span.set({ set: 2 });
      span.fail("why");
      return Promise.resolve();
    });
  });
  expect(named(spans, "noted").attributes).toEqual({ found: 1, set: 2, "error.type": "why" });
});

it("numbers are sent with their unit and attributes, at the latest when it stops", async () => {
  const { telemetry, exported } = listening();
  telemetry.add("darkroom.stored", 100, { "darkroom.content": "image", "darkroom.model": undefined });
  telemetry.add("darkroom.stored", 23, { "darkroom.content": "image" });
  telemetry.record("darkroom.upstream.duration", 3, { "darkroom.outcome": "images" });
  await telemetry.stop();
  const metrics = exported.mock.calls.flatMap(([{ scopeMetrics }]) =>
    scopeMetrics.flatMap(({ metrics }) => metrics),
  );
  const sent = metrics.map(({ descriptor: { name, unit }, dataPoints }) => ({
    name,
    unit,
    points: dataPoints.map(({ attributes, value }) => ({ attributes, value })),
  }));
  expect(sent).toEqual([
    {
      name: "darkroom.stored",
      unit: "By",
      points: [{ attributes: { "darkroom.content": "image" }, value: 123 }],
    },
    {
      name: "darkroom.upstream.duration",
      unit: "s",
      points: [
        {
          attributes: { "darkroom.outcome": "images" },
          value: expect.objectContaining({ count: 1, sum: 3 }) as unknown,
        },
      ],
    },
  ]);
});

it("a listener that throws, fails or never answers costs neither the work nor the stop", async () => {
  const never = { export: () => undefined, shutdown: () => new Promise<void>(() => undefined) };
  const throws = {
    export: () => {
      throw new Error("broken");
    },
    shutdown: () => Promise.reject(new Error("broken")),
  };
  for (const broken of [never, throws]) {
    const { telemetry } = listening(broken);
    expect(await telemetry.span({ name: "work" }, () => Promise.resolve("done"))).toBe("done");
    telemetry.add("darkroom.jobs", 1, {});
    await telemetry.stop();
  }
});
