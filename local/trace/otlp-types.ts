/** What an app tells a collector, in OpenTelemetry's JSON (opentelemetry-proto, trace.proto and metrics.proto), made plain. */

export type Attributes = Record<string, string | number | boolean>;

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentId: string | undefined;
  name: string;
  /** Epoch milliseconds, with their fraction. */
  start: number;
  end: number;
  attributes: Attributes;
  isError: boolean;
  /** Trace and span ids, joined by a dash. */
  links: string[];
}

/** One value of one metric: of a counter its value, of a histogram how many and their sum. */
export interface OtlpNumber {
  name: string;
  unit: string;
  attributes: Attributes;
  value: number;
  count?: number;
}

export function readSpans(body: unknown): OtlpSpan[] {
  const { resourceSpans = [] } = body as { resourceSpans?: { scopeSpans?: { spans?: WireSpan[] }[] }[] };
  return resourceSpans
    .flatMap(({ scopeSpans = [] }) => scopeSpans)
    .flatMap(({ spans = [] }) => spans)
    .map((span) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      parentId: span.parentSpanId || undefined,
      name: span.name,
      start: milliseconds(span.startTimeUnixNano),
      end: milliseconds(span.endTimeUnixNano),
      attributes: readAttributes(span.attributes),
      isError: span.status?.code === 2,
      links: (span.links ?? []).map((link) => `${link.traceId}-${link.spanId}`),
    }));
}

export function readNumbers(body: unknown): OtlpNumber[] {
  const { resourceMetrics = [] } = body as {
    resourceMetrics?: { scopeMetrics?: { metrics?: WireMetric[] }[] }[];
  };
  return resourceMetrics
    .flatMap(({ scopeMetrics = [] }) => scopeMetrics)
    .flatMap(({ metrics = [] }) => metrics)
    .flatMap(({ name, unit = "", sum, histogram }) =>
      [...(sum?.dataPoints ?? []), ...(histogram?.dataPoints ?? [])].map((point) => ({
        name,
        unit,
        attributes: readAttributes(point.attributes),
        value: point.sum ?? Number(point.asDouble ?? point.asInt ?? 0),
        ...(point.count !== undefined && { count: Number(point.count) }),
      })),
    );
}

interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: WireAttribute[];
  status?: { code?: number };
  links?: { traceId: string; spanId: string }[];
}

interface WireMetric {
  name: string;
  unit?: string;
  sum?: { dataPoints?: WirePoint[] };
  histogram?: { dataPoints?: WirePoint[] };
}

interface WirePoint {
  attributes?: WireAttribute[];
  asDouble?: number;
  asInt?: string | number;
  sum?: number;
  count?: string | number;
}

interface WireAttribute {
  key: string;
  value: { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean };
}

function readAttributes(attributes: readonly WireAttribute[] = []): Attributes {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => {
      const number = intValue === undefined ? doubleValue : Number(intValue);
      return [key, stringValue ?? number ?? boolValue ?? ""];
    }),
  );
}

/** Nanoseconds since 1970 don't fit a number: whole milliseconds first, then their fraction. */
function milliseconds(nanoseconds: string): number {
  const all = BigInt(nanoseconds);
  return Number(all / 1_000_000n) + Number(all % 1_000_000n) / 1e6;
}
