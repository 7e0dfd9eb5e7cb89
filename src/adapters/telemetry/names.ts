/** Every number and attribute by its name on the wire. Dashboards and alerts rely on them: a name keeps its meaning. */

interface Instrument {
  unit: string;
  description: string;
}

export const counters = {
  "darkroom.jobs": { unit: "{job}", description: "Jobs that ended." },
  "darkroom.jobs.refused": { unit: "{job}", description: "Jobs that quota, a limit or a budget refused." },
  "darkroom.images": { unit: "{image}", description: "Slots of ended jobs." },
  "darkroom.upstream.calls": { unit: "{call}", description: "Requests to the image service." },
  "darkroom.upstream.throttled": { unit: "{call}", description: "Requests that were answered with 429." },
  "darkroom.tokens": { unit: "{token}", description: "Tokens, where the service tells." },
  "darkroom.stored": { unit: "By", description: "Bytes written to blobs." },
  "darkroom.deliveries": { unit: "{delivery}", description: "POSTs that told of a job's end." },
} as const satisfies Record<string, Instrument>;

export const histograms = {
  "darkroom.job.queue.duration": { unit: "s", description: "From a job's acceptance to its start." },
  "darkroom.job.duration": { unit: "s", description: "From a job's acceptance to its end." },
  "darkroom.call.wait": { unit: "s", description: "From a call's place in line to its foretold turn." },
  "darkroom.upstream.duration": { unit: "s", description: "Latency of the image service." },
} as const satisfies Record<string, Instrument>;

export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;

/** In seconds: from a quick answer to a job that waited for its turn all day. */
export const durationBounds = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 900, 1_800, 3_600, 86_400,
];

export const attribute = {
  requestId: "darkroom.request_id",
  jobId: "darkroom.job_id",
  kind: "darkroom.kind",
  model: "darkroom.model",
  deployment: "darkroom.deployment",
  operation: "darkroom.operation",
  outcome: "darkroom.outcome",
  code: "darkroom.code",
  reason: "darkroom.reason",
  call: "darkroom.call",
  images: "darkroom.images",
  wanted: "darkroom.slots.wanted",
  stored: "darkroom.slots.stored",
  failed: "darkroom.slots.failed",
  bytes: "darkroom.bytes",
  content: "darkroom.content",
  direction: "darkroom.direction",
  attempt: "darkroom.attempt",
  target: "darkroom.target",
} as const;
