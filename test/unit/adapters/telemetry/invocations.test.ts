import type {
  FunctionHandler,
  InvocationContext,
  PreInvocationContext,
  PreInvocationHandler,
} from "@azure/functions";
import { expect, it } from "vitest";
import { currentInvocation, observeInvocations } from "../../../../src/adapters/telemetry/invocations.ts";
import { jobSpanId, knownJobs } from "../../../../src/adapters/telemetry/known-jobs.ts";
import { aJob } from "../../../support/jobs.ts";
import { HeardTelemetry, invocationOf, someTrace } from "../../../support/telemetry.ts";

const origin = { requestId: "the-request", trace: someTrace };

/** Runs a function as the worker would, hook first. */
function observed(telemetry: HeardTelemetry, job = aJob({ id: "job-1", origin })) {
  let before: PreInvocationHandler | undefined;
  const preInvocation = (handler: PreInvocationHandler) => {
    before = handler;
    return { dispose: () => undefined };
  };
  const jobs = knownJobs(async (jobId) => (jobId === job.id ? job : undefined));
  observeInvocations({ preInvocation }, { telemetry, jobs });
  return async (invocationContext: InvocationContext, input: unknown, handler: FunctionHandler) => {
    const context = { invocationContext, functionHandler: handler } as unknown as PreInvocationContext;
    await before?.(context);
    return (await context.functionHandler(input, invocationContext)) as unknown;
  };
}

const http = { type: "httpTrigger", methods: ["POST"], route: "api/images/generations" };

const unsampled = `00-${"e".repeat(32)}-${"f".repeat(16)}-00`;

it("a request is a span under what the host says, with its route and status, and with the id its caller sees", async () => {
  const telemetry = new HeardTelemetry();
  const context = invocationOf("generations-post", http);
  expect(await observed(telemetry)(context, {}, () => ({ status: 202 }))).toEqual({ status: 202 });
  expect(telemetry.spans).toMatchObject([
    {
      name: "POST /api/images/generations",
      start: { parent: someTrace },
      attributes: {
        "http.request.method": "POST",
        "http.route": "/api/images/generations",
        "http.response.status_code": 202,
        "darkroom.request_id": context.invocationId,
      },
    },
  ]);
  expect(telemetry.spans[0]?.failure).toBeUndefined();
});

it("an answer of 500 and above is a failure, one of 400 isn't", async () => {
  const telemetry = new HeardTelemetry();
  const run = observed(telemetry);
  for (const status of [400, 500, 503])
    await run(invocationOf("generations-post", http), {}, () => ({ status }));
  expect(telemetry.spans.map(({ failure }) => failure)).toEqual([undefined, "500", "503"]);
});

it("an activity belongs to its job, in the trace of the request that was accepted, with another trace that led to it as a link", async () => {
  const telemetry = new HeardTelemetry();
  const trace = `00-${"e".repeat(32)}-${"f".repeat(16)}-01`;
  // The host gives orchestrations a trace of their own.
  const context = invocationOf("render-images", { type: "activityTrigger" }, unsampled);
  await observed(telemetry)(context, { jobId: "job-1", call: 2, slots: [4, 5], trace }, () => undefined);
  expect(telemetry.spans[0]).toMatchObject({
    name: "render-images",
    start: { parent: `00-${"a".repeat(32)}-${jobSpanId("job-1")}-01`, links: [trace] },
    attributes: {
      "darkroom.request_id": "the-request",
      "darkroom.job_id": "job-1",
      "darkroom.model": "dall-e-3",
      "darkroom.call": 2,
      "darkroom.slots.wanted": 2,
    },
  });
});

it("there is no link within the job's own trace", async () => {
  const telemetry = new HeardTelemetry();
  const trace = someTrace.replace(/b{16}/, "e".repeat(16));
  const context = invocationOf("begin-job", { type: "activityTrigger" });
  await observed(telemetry)(context, { jobId: "job-1", trace }, () => undefined);
  expect(telemetry.spans[0]?.start.links).toEqual([]);
});

it("nothing belongs to what the host keeps no trace of, nor leads there", async () => {
  const telemetry = new HeardTelemetry();
  const context = invocationOf("begin-job", { type: "activityTrigger" }, unsampled);
  for (const jobId of ["job-1", "gone"]) await observed(telemetry)(context, { jobId }, () => undefined);
  expect(telemetry.spans.map(({ start }) => start.links)).toEqual([[], []]);
  expect(telemetry.spans[1]?.start.parent).toBeUndefined();
});

it("an activity of a job that is gone, or is older than telemetry, goes by what the host says", async () => {
  const telemetry = new HeardTelemetry();
  const run = observed(telemetry, aJob({ id: "job-of-old" }));
  for (const jobId of ["job-of-old", "gone"])
    await run(invocationOf("begin-job", { type: "activityTrigger" }), { jobId }, () => undefined);
  expect(
    telemetry.spans.map(({ start, attributes }) => [
      start.parent,
      start.links,
      attributes["darkroom.job_id"],
    ]),
  ).toEqual([
    [someTrace, [], "job-of-old"],
    [someTrace, [], "gone"],
  ]);
});

it("an orchestrator has no span: it is replayed", async () => {
  const telemetry = new HeardTelemetry();
  const context = invocationOf("image-job", { type: "orchestrationTrigger" });
  expect(await observed(telemetry)(context, {}, () => "replayed")).toBe("replayed");
  expect(telemetry.spans).toEqual([]);
});

it("whatever runs knows its invocation, and what it throws is thrown", async () => {
  const telemetry = new HeardTelemetry();
  const context = invocationOf("jobs-reconcile", { type: "timerTrigger" });
  const failure = new Error("no");
  const seen: unknown[] = [];
  await expect(
    observed(telemetry)(context, {}, async () => {
      seen.push(currentInvocation());
      return Promise.reject(failure);
    }),
  ).rejects.toBe(failure);
  expect(seen).toEqual([context]);
  expect(telemetry.spans).toMatchObject([{ name: "jobs-reconcile" }]);
  expect(currentInvocation()).toBeUndefined();
});
