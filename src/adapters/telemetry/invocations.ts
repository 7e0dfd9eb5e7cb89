import { AsyncLocalStorage } from "node:async_hooks";
import type { app, InvocationContext } from "@azure/functions";
import { attributesOf, type KnownJobs, placeOf } from "./known-jobs.ts";
import { attribute } from "./names.ts";
import type { Span, SpanStart, Telemetry } from "./telemetry.ts";

const running = new AsyncLocalStorage<InvocationContext>();

/** The invocation that the caller is part of. */
export function currentInvocation(): InvocationContext | undefined {
  return running.getStore();
}

interface Dependencies {
  telemetry: Telemetry;
  jobs: KnownJobs;
}

/**
 * A span around every invocation but an orchestrator's, which is replayed. Its parent is what the host says; for an
 * activity it is its job, and another trace that its input says led to it is a link.
 */
export function observeInvocations(hook: Pick<typeof app.hook, "preInvocation">, deps: Dependencies): void {
  hook.preInvocation((invocation) => {
    const { invocationContext: context, functionHandler: handler } = invocation;
    const { type } = context.options.trigger;
    if (type === "orchestrationTrigger") return;
    invocation.functionHandler = (input: unknown, ...rest) =>
      running.run(context, async () => {
        const start =
          type === "activityTrigger" ? await ofActivity(deps, input, context) : ofTrigger(context);
        return deps.telemetry.span(start, async (span) => {
          const result: unknown = await handler(input, ...rest);
          if (type === "httpTrigger") setStatus(span, result);
          return result;
        });
      });
  });
}

async function ofActivity(
  { jobs }: Dependencies,
  input: unknown,
  context: InvocationContext,
): Promise<SpanStart> {
  const { jobId, call, slots, attempt, trace } = stepOf(input);
  const job = jobId === undefined ? undefined : await jobs.find(jobId);
  const place = job && placeOf(job);
  return {
    name: context.functionName,
    parent: place ?? fromHost(context),
    shared: job ? attributesOf(job) : { [attribute.jobId]: jobId },
    attributes: {
      [attribute.call]: call,
      [attribute.wanted]: slots?.length,
      [attribute.attempt]: attempt,
    },
    // What the job's own trace has started needs no link; a request to tell its end once more has another.
    links: place !== undefined && trace !== undefined && traceOf(trace) !== traceOf(place) ? [trace] : [],
  };
}

function traceOf(traceParent: string): string | undefined {
  return traceParent.split("-")[1];
}

interface StepInput {
  jobId?: string;
  call?: number;
  slots?: readonly number[];
  attempt?: number;
  trace?: string;
}

function stepOf(input: unknown): StepInput {
  return typeof input === "object" && input !== null ? input : {};
}

function ofTrigger(context: InvocationContext): SpanStart {
  const { trigger } = context.options;
  const parent = context.traceContext?.traceParent;
  const shared = { [attribute.requestId]: context.invocationId };
  if (trigger.type !== "httpTrigger") return { name: context.functionName, parent, shared };
  const method = String([trigger["methods"]].flat()[0]);
  const route = `/${String(trigger["route"]).replace(/^\//, "")}`;
  const attributes = { "http.request.method": method, "http.route": route };
  return { name: `${method} ${route}`, parent, shared, attributes };
}

/**
 * What the host says of an activity, where anybody keeps it: the last bit of the flags tells. With the Azure Storage backend
 * nobody does.
 */
function fromHost({ traceContext }: InvocationContext): string | undefined {
  const parent = traceContext?.traceParent ?? undefined;
  return parent !== undefined && parseInt(parent.slice(-2), 16) % 2 === 1 ? parent : undefined;
}

function setStatus(span: Span, result: unknown): void {
  const { status = 200 } = (result ?? {}) as { status?: number };
  span.set({ "http.response.status_code": status });
  if (status >= 500) span.fail(String(status));
}
