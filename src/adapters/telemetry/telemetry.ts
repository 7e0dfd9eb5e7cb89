import type { CounterName, HistogramName } from "./names.ts";

/** What is told with a span or a number. No prompt, key, link, address, file name or caller ever stands in here. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

export interface SpanStart {
  name: string;
  /** `client`: a request to somebody else. Never `server`: that span is the host's. */
  kind?: "internal" | "client";
  attributes?: Attributes;
  /** Attributes that all spans within have too. */
  shared?: Attributes;
  /** A W3C traceparent that it belongs under, instead of the span around it. */
  parent?: string | undefined;
  /** Traceparents of what else led to it. */
  links?: readonly string[];
}

/** A span whose time is over: told by the one who sees the end of something that many worked on. */
export interface PastSpan extends Omit<SpanStart, "shared" | "links"> {
  /** Sixteen hex digits, known to those who named it as their parent before it was told. */
  id: string;
  startedAt: Date;
  endedAt: Date;
  /** Why it failed, if it did: a code. */
  error?: string | undefined;
}

export interface Span {
  set(attributes: Attributes): void;
  /** Marks it as failed; `type` is a code or the name of a class, never a message. */
  fail(type: string): void;
}

/** What Darkroom tells of itself. Nothing in here throws, and nothing waits for the one who listens. */
export interface Telemetry {
  /** Runs something inside a span that ends with it. What it throws is thrown. */
  span<T>(start: SpanStart, run: (span: Span) => Promise<T>): Promise<T>;
  /** Adds to the span that surrounds the caller, if there is one. */
  note(attributes: Attributes): void;
  emit(span: PastSpan): void;
  add(counter: CounterName, value: number, attributes: Attributes): void;
  record(histogram: HistogramName, value: number, attributes: Attributes): void;
  /** The W3C traceparent of the span that surrounds the caller. */
  here(): string | undefined;
  /** Sends what has been told so far, as far as that can be done in a moment. */
  stop(): Promise<void>;
}

const mute: Span = { set: () => undefined, fail: () => undefined };

/** Tells nobody anything. */
export const silence: Telemetry = {
  span: (_start, run) => run(mute),
  note: () => undefined,
  emit: () => undefined,
  add: () => undefined,
  record: () => undefined,
  here: () => undefined,
  stop: () => Promise.resolve(),
};

export interface LateTelemetry extends Telemetry {
  /** Loads what it takes to be heard. A failure leaves Darkroom silent, and is returned. */
  start(): Promise<Error | undefined>;
}

/** Silent until it is started: the code that speaks is only loaded where somebody listens. */
export function lateTelemetry(load: (() => Promise<Telemetry>) | undefined): LateTelemetry {
  let active = silence;
  return {
    async start() {
      try {
        if (load) active = await load();
        return undefined;
      } catch (error) {
        return error instanceof Error ? error : new Error("telemetry could not be loaded");
      }
    },
    span: (start, run) => active.span(start, run),
    note: (attributes) => active.note(attributes),
    emit: (span) => active.emit(span),
    add: (counter, value, attributes) => active.add(counter, value, attributes),
    record: (histogram, value, attributes) => active.record(histogram, value, attributes),
    here: () => active.here(),
    stop: () => active.stop(),
  };
}
