import { setTimeout as sleep } from "node:timers/promises";
import { type Collector, startCollector } from "../../local/trace/collector.ts";
import type { OtlpNumber, OtlpSpan } from "../../local/trace/otlp-types.ts";

/** Settings of an app that tells without much delay what has happened. */
export const exportsSoon = { OTEL_BSP_SCHEDULE_DELAY: "50", OTEL_METRIC_EXPORT_INTERVAL: "200" };

/** A collector on a socket that keeps all it hears. */
export class Listener {
  readonly spans: OtlpSpan[] = [];
  /** As they came, each the body of one POST. */
  readonly bodies: string[] = [];
  #numbers: OtlpNumber[] = [];
  #collector: Collector | undefined;

  async start(): Promise<void> {
    this.#collector = await startCollector({
      onSpans: (spans) => void this.spans.push(...spans),
      // Counters are told as what they have come to: the last telling is the whole.
      onNumbers: (numbers) => (this.#numbers = numbers),
      onBody: (body) => void this.bodies.push(body),
    });
  }

  async close(): Promise<void> {
    await this.#collector?.close();
  }

  /** What makes an app talk to it. */
  get settings(): Record<string, string> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.#collector?.url ?? "" };
  }

  /** The spans of a trace, once one that fits has been told; the test's own time-out is the limit. */
  async trace(traceId: string, fits: (spans: OtlpSpan[]) => boolean): Promise<OtlpSpan[]> {
    for (;;) {
      const spans = this.spans.filter((span) => span.traceId === traceId);
      if (fits(spans)) return spans;
      await sleep(50);
    }
  }

  /** The sum of a metric's values whose attributes have these, without their prefix. */
  total(name: string, wanted: Record<string, string> = {}): number {
    return this.#matching(name, wanted).reduce((sum, { value }) => sum + value, 0);
  }

  /** How many values a histogram has taken. */
  count(name: string, wanted: Record<string, string> = {}): number {
    return this.#matching(name, wanted).reduce((sum, { count = 0 }) => sum + count, 0);
  }

  #matching(name: string, wanted: Record<string, string>): OtlpNumber[] {
    return this.#numbers.filter(
      (number) =>
        number.name === name &&
        Object.entries(wanted).every(([key, value]) => number.attributes[`darkroom.${key}`] === value),
    );
  }

  /** Waits until a metric has come to a value. */
  async reaches(name: string, value: number, wanted: Record<string, string> = {}): Promise<void> {
    while (this.total(name, wanted) < value) await sleep(50);
  }
}
