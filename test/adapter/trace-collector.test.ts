import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Collector, startCollector } from "../../local/trace/collector.ts";
import type { OtlpNumber, OtlpSpan } from "../../local/trace/otlp-types.ts";
import { openTelemetry } from "../../src/adapters/telemetry/opentelemetry.ts";
import { someTrace } from "../support/telemetry.ts";

const spans: OtlpSpan[] = [];
const numbers: OtlpNumber[] = [];
let collector: Collector;
beforeAll(async () => {
  collector = await startCollector({
    onSpans: (payloads) => void spans.push(...payloads),
    onNumbers: (payloads) => void numbers.push(...payloads),
  });
});
afterAll(async () => collector.close());

it("the collector reads what the SDK's own exporters send", async () => {
  const telemetry = openTelemetry({
    serviceName: "s",
    intervalMs: 60_000,
    listeners: [
      {
        spans: new OTLPTraceExporter({ url: `${collector.url}/v1/traces` }),
        numbers: new OTLPMetricExporter({ url: `${collector.url}/v1/metrics` }),
      },
    ],
  });
  const startedAt = new Date(1_700_000_000_123);
  telemetry.emit({
    name: "past",
    id: "1234567890abcdef",
    parent: someTrace,
    startedAt,
    endedAt: new Date(1_700_000_001_123),
    error: "expired",
    attributes: { text: "a", whole: 3, part: 0.5 },
  });
  const link = `00-${"c".repeat(32)}-${"d".repeat(16)}-01`;
  await telemetry.span({ name: "linked", links: [link] }, () => Promise.resolve());
  telemetry.add("darkroom.jobs", 2, { "darkroom.outcome": "failed" });
  telemetry.record("darkroom.job.duration", 1.5, {});
  await telemetry.stop();
  const [past, linked] = ["past", "linked"].map((wanted) => spans.find(({ name }) => name === wanted));
  expect(past).toEqual({
    traceId: "a".repeat(32),
    spanId: "1234567890abcdef",
    parentId: "b".repeat(16),
    name: "past",
    start: 1_700_000_000_123,
    end: 1_700_000_001_123,
    attributes: { text: "a", whole: 3, part: 0.5, "error.type": "expired" },
    isError: true,
    links: [],
  });
  expect(linked).toMatchObject({ parentId: undefined, links: [`${"c".repeat(32)}-${"d".repeat(16)}`] });
  expect(numbers).toEqual([
    { name: "darkroom.jobs", unit: "{job}", attributes: { "darkroom.outcome": "failed" }, value: 2 },
    { name: "darkroom.job.duration", unit: "s", attributes: {}, value: 1.5, count: 1 },
  ]);
});

it("the collector answers nonsense with 400 and goes on", async () => {
  expect((await fetch(`${collector.url}/v1/traces`, { method: "POST", body: "{" })).status).toBe(400);
  expect((await fetch(`${collector.url}/v1/traces`, { method: "POST", body: "{}" })).status).toBe(200);
});
