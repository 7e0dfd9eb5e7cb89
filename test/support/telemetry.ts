import { AsyncLocalStorage } from "node:async_hooks";
import { InvocationContext } from "@azure/functions";
import type {
  Attributes,
  PastSpan,
  Span,
  SpanStart,
  Telemetry,
} from "../../src/adapters/telemetry/telemetry.ts";

/** A span as it was told, with its parent's name. */
export interface HeardSpan {
  name: string;
  within: string | undefined;
  attributes: Record<string, unknown>;
  failure?: string;
  start: SpanStart;
}

/** Telemetry that remembers what it was told. */
export class HeardTelemetry implements Telemetry {
  readonly spans: HeardSpan[] = [];
  readonly emitted: PastSpan[] = [];
  readonly numbers: { name: string; value: number; attributes: Attributes }[] = [];
  trace: string | undefined;
  readonly #active = new AsyncLocalStorage<HeardSpan>();

  async span<T>(start: SpanStart, run: (span: Span) => Promise<T>): Promise<T> {
    const heard: HeardSpan = {
      name: start.name,
      within: this.#active.getStore()?.name,
      attributes: { ...start.shared, ...start.attributes },
      start,
    };
    this.spans.push(heard);
    const handle = {
      set: (attributes: Attributes) => void Object.assign(heard.attributes, attributes),
      fail: (type: string) => {
        heard.failure = type;
      },
    };
    return this.#active.run(heard, () => run(handle));
  }

  note(attributes: Attributes): void {
    Object.assign(this.#active.getStore()?.attributes ?? {}, attributes);
  }

  emit(span: PastSpan): void {
    this.emitted.push(span);
  }

  add(name: string, value: number, attributes: Attributes): void {
    this.numbers.push({ name, value, attributes });
  }

  record(name: string, value: number, attributes: Attributes): void {
    this.numbers.push({ name, value, attributes });
  }

  here(): string | undefined {
    return this.trace;
  }

  async stop(): Promise<void> {
    return Promise.resolve();
  }

  /** Of each number with that name, its value and attributes without their prefix. */
  heard(name: string): (Record<string, unknown> & { value: number })[] {
    return this.numbers
      .filter((number) => number.name === name)
      .map(({ value, attributes }) => ({
        value,
        ...Object.fromEntries(
          Object.entries(attributes).map(([key, given]) => [key.replace("darkroom.", ""), given]),
        ),
      }));
  }
}

export const someTrace = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;

export function invocationOf(
  functionName: string,
  trigger: Record<string, unknown> & { type: string },
  traceParent = someTrace,
): InvocationContext {
  return new InvocationContext({
    invocationId: `invocation-of-${functionName}`,
    functionName,
    options: { trigger: { name: "trigger", ...trigger } },
    traceContext: { traceParent },
  });
}
