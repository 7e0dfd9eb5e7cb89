import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { finishedJobs } from "../../../local/trace/finished-jobs.ts";
import type { OtlpSpan } from "../../../local/trace/otlp-types.ts";
import { drawTree, duration } from "../../../local/trace/tree.ts";

const span = (change: Partial<OtlpSpan> & { spanId: string }): OtlpSpan => ({
  traceId: "t",
  parentId: undefined,
  name: change.spanId,
  start: 1_000,
  end: 1_010,
  attributes: {},
  isError: false,
  links: [],
  ...change,
});

const job = span({
  spanId: "j",
  name: "job",
  parentId: "r",
  start: 1_005,
  end: 3_505,
  attributes: {
    "darkroom.job_id": "job-1",
    "darkroom.request_id": "request-1",
    "darkroom.model": "dall-e-3",
    "darkroom.deployment": "dalle3",
    "darkroom.slots.stored": 1,
    "darkroom.slots.wanted": 2,
    "darkroom.outcome": "succeeded",
  },
});
const request = span({
  spanId: "r",
  parentId: "client",
  name: "POST /x",
  end: 1_040.4,
  attributes: { "http.response.status_code": 202 },
});
const call = span({
  spanId: "c",
  parentId: "j",
  name: "render-images",
  start: 1_100,
  end: 2_000,
  attributes: { "darkroom.call": 0 },
});
const upstream = span({
  spanId: "u",
  parentId: "c",
  name: "upstream render",
  start: 1_110,
  end: 1_900,
  isError: true,
  attributes: { "darkroom.model": "dall-e-3", "darkroom.deployment": "dalle3", "error.type": "TypeError" },
});
const write = span({
  spanId: "w",
  parentId: "c",
  name: "store image",
  start: 1_950,
  end: 1_950.4,
  attributes: { "darkroom.bytes": 1_500_000 },
});

it("draws spans under their parents in the order in which they began, in whatever order they came", () => {
  expect(drawTree([write, upstream, call, job, request])).toBe(
    `
       at      took
   0.0 ms     40 ms  POST /x · 202
   5.0 ms    2.50 s  └─ job · dall-e-3 at dalle3, 1 of 2 images, succeeded
   100 ms    900 ms     └─ render-images · call 0
   110 ms    790 ms        ├─ upstream render · dall-e-3 at dalle3, failed: TypeError
   950 ms    0.4 ms        └─ store image · 1.5 MB`.replace("\n", ""),
  );
});

it.each([
  [0.04, "0.0 ms"],
  [5, "5.0 ms"],
  [999.4, "999 ms"],
  [61_000, "61.00 s"],
])("%d milliseconds are written as %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it("shows a trace once its job has ended and it is quiet, what comes later by itself, and none without a job", async () => {
  const shown: string[] = [];
  const jobs = finishedJobs((text) => void shown.push(text), 20);
  jobs.hear([request, span({ spanId: "g", traceId: "look", name: "GET /x" })]);
  jobs.hear([job]);
  await sleep(60);
  jobs.hear([span({ spanId: "d", parentId: "j", name: "deliver-webhook", start: 61_000, end: 61_005 })]);
  jobs.flush();
  jobs.flush();
  expect(shown).toHaveLength(2);
  expect(shown[0]).toMatch(/^job job-1\nrequest request-1, trace t\n[^]*POST \/x[^]*job · /);
  expect(shown[1]).toMatch(/^job job-1, later\n.*\n *60\.00 s *5\.0 ms {2}deliver-webhook\n$/);
});
