import type { OtlpSpan } from "./otlp-types.ts";
import { drawTree } from "./tree.ts";

interface Trace {
  spans: OtlpSpan[];
  /** How many of them have been shown. */
  shown: number;
  timer?: NodeJS.Timeout;
}

// Thumbnails and webhooks follow a job's end; a moment of silence says that they are through.
const silenceMs = 1_500;
// Requests that only look are traces too; they are dropped in time.
const maxTraces = 500;

/**
 * Shows each job's trace once it has ended and nothing more is told of it, and again what is told later, such as another
 * try of a webhook. Traces without a job aren't shown.
 */
export function finishedJobs(show: (text: string) => void, quietMs = silenceMs) {
  const traces = new Map<string, Trace>();

  function settle(traceId: string, trace: Trace): void {
    const job = trace.spans.find(({ name }) => name === "job");
    if (!job || trace.shown === trace.spans.length) return;
    const from = Math.min(...trace.spans.map(({ start }) => start));
    const fresh = trace.spans.slice(trace.shown);
    const id = String(job.attributes["darkroom.job_id"]);
    const head =
      trace.shown === 0
        ? `job ${id}\nrequest ${String(job.attributes["darkroom.request_id"])}, trace ${traceId}`
        : `job ${id}, later`;
    trace.shown = trace.spans.length;
    show(`${head}\n${drawTree(fresh, from)}\n`);
  }

  return {
    hear(spans: readonly OtlpSpan[]): void {
      for (const span of spans) {
        const trace = traces.get(span.traceId) ?? { spans: [], shown: 0 };
        traces.set(span.traceId, trace);
        trace.spans.push(span);
        clearTimeout(trace.timer);
        trace.timer = setTimeout(() => settle(span.traceId, trace), quietMs).unref();
      }
      for (const [oldest] of traces) {
        if (traces.size <= maxTraces) break;
        traces.delete(oldest);
      }
    },
    /** Shows what is left, since nothing more will come. */
    flush(): void {
      for (const [traceId, trace] of traces) {
        clearTimeout(trace.timer);
        settle(traceId, trace);
      }
    },
  };
}
