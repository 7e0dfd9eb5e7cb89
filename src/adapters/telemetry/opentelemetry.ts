import {
  context,
  type Context,
  createContextKey,
  isSpanContextValid,
  propagation,
  type Span as ApiSpan,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { parseTraceParent, W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  type IMetricReader,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-base";
import { errorType } from "./error-type.ts";
import { counters, durationBounds, histograms } from "./names.ts";
import type { Attributes, PastSpan, Span, SpanStart, Telemetry } from "./telemetry.ts";

/** One place that is told everything. */
export interface Listener {
  spans: SpanExporter;
  numbers: PushMetricExporter;
}

export interface OpenTelemetryOptions {
  serviceName: string;
  listeners: readonly Listener[];
  /** How often numbers are sent. */
  intervalMs: number;
  /** How long a stop may take: a host that is told to go waits five seconds. */
  patienceMs?: number;
}

const scope = "darkroom";
const sharedKey = createContextKey("darkroom attributes of all spans within");

/**
 * Telemetry by OpenTelemetry's SDK. Registered for the whole process, so that the durable client, which looks there,
 * hands the trace on to the host.
 */
export function openTelemetry(options: OpenTelemetryOptions): Telemetry {
  const { listeners, intervalMs, patienceMs = 3_000 } = options;
  const resource = resourceOf(options);
  const ids = new ChosenIds();
  const tracers = new BasicTracerProvider({
    resource,
    idGenerator: ids,
    spanProcessors: listeners.map(({ spans }) => new BatchSpanProcessor(spans)),
  });
  const readers = listeners.map(
    ({ numbers }): IMetricReader =>
      new PeriodicExportingMetricReader({ exporter: numbers, exportIntervalMillis: intervalMs }),
  );
  const meters = new MeterProvider({ resource, readers });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());

  const tracer = tracers.getTracer(scope);
  const { added, recorded } = instruments(meters);

  return {
    async span(start, run) {
      const { span, within } = begin(start);
      return context.with(within, async () => {
        try {
          return await run(handleOf(span));
        } catch (error) {
          fail(span, errorType(error));
          throw error;
        } finally {
          span.end();
        }
      });
    },
    note: (attributes) => void trace.getActiveSpan()?.setAttributes(present(attributes)),
    emit(past) {
      ids.choose(past.id);
      const span = tracer.startSpan(
        past.name,
        { ...optionsOf(past), startTime: past.startedAt },
        placeOf(past),
      );
      if (past.error !== undefined) fail(span, past.error);
      span.end(past.endedAt);
    },
    add: (name, value, attributes) => added[name].add(value, present(attributes)),
    record: (name, value, attributes) => recorded[name].record(value, present(attributes)),
    here() {
      const at = trace.getActiveSpan()?.spanContext();
      if (!at || !isSpanContextValid(at)) return undefined;
      return `00-${at.traceId}-${at.spanId}-${at.traceFlags.toString(16).padStart(2, "0")}`;
    },
    async stop() {
      const sent = Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, patienceMs).unref())]);
    },
  };

  function begin(start: SpanStart): { span: ApiSpan; within: Context } {
    const place = placeOf(start);
    const shared = { ...sharedOf(place), ...start.shared };
    const links = (start.links ?? []).flatMap((link) => parseTraceParent(link) ?? []);
    const span = tracer.startSpan(
      start.name,
      {
        ...optionsOf({ ...start, attributes: { ...shared, ...start.attributes } }),
        links: links.map((linked) => ({ context: linked })),
      },
      place,
    );
    return { span, within: trace.setSpan(place, span).setValue(sharedKey, shared) };
  }
}

function placeOf({ parent }: Pick<SpanStart, "parent">): Context {
  const remote = parent === undefined ? null : parseTraceParent(parent);
  return remote ? trace.setSpanContext(context.active(), { ...remote, isRemote: true }) : context.active();
}

function sharedOf(place: Context): Attributes {
  return (place.getValue(sharedKey) as Attributes | undefined) ?? {};
}

function optionsOf({ kind, attributes = {} }: Pick<PastSpan, "kind" | "attributes">): SpanOptions {
  return {
    kind: kind === "client" ? SpanKind.CLIENT : SpanKind.INTERNAL,
    attributes: present(attributes),
  };
}

function handleOf(span: ApiSpan): Span {
  return {
    set: (attributes) => void span.setAttributes(present(attributes)),
    fail: (type) => fail(span, type),
  };
}

/** Without a message: those of errors repeat what they were given. */
function fail(span: ApiSpan, type: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function present(attributes: Attributes): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, value]],
    ),
  );
}

function resourceOf({ serviceName }: OpenTelemetryOptions): Resource {
  const named = resourceFromAttributes({ "service.name": serviceName });
  return named.merge(detectResources({ detectors: [envDetector] }));
}

function instruments(meters: MeterProvider) {
  const meter = meters.getMeter(scope);
  const each = <N extends string, I>(table: Record<N, object>, make: (name: N) => I) =>
    Object.fromEntries((Object.keys(table) as N[]).map((name) => [name, make(name)])) as Record<N, I>;
  const advice = { explicitBucketBoundaries: durationBounds };
  return {
    added: each(counters, (name) => meter.createCounter(name, counters[name])),
    recorded: each(histograms, (name) => meter.createHistogram(name, { ...histograms[name], advice })),
  };
}

/** Random ids, but for a span that others have named as their parent already. */
class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #chosen: string | undefined;

  /** For the very next span: nothing else runs between this and its start. */
  choose(id: string): void {
    this.#chosen = id;
  }

  generateTraceId = (): string => this.#random.generateTraceId();

  generateSpanId = (): string => {
    const id = this.#chosen ?? this.#random.generateSpanId();
    this.#chosen = undefined;
    return id;
  };
}
