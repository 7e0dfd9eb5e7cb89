import { describe, expect, it } from "vitest";
import { breachesOf, invariants } from "../../../scripts/faults/invariants/all.ts";
import type { Evidence, SeenEvent } from "../../../scripts/faults/run/evidence.ts";

const jobId = "job_00000000000000000000000000000000";
const stored = (index: number) => ({
  partitionKey: jobId,
  rowKey: `slot-00${index}`,
  json: JSON.stringify({ state: "stored", index, blob: `${jobId}/${index}.png` }),
});
const events: SeenEvent[] = [
  "job.queued",
  "job.running",
  "image.succeeded",
  "image.succeeded",
  "job.succeeded",
].map((type, at) => ({ id: at + 1, type, facts: `{"at":${at}}` }));
const message = { id: "dlv_1", isSigned: true, body: `{"data":{"id":"${jobId}"}}` };
const call = { route: "generate", status: 200, images_billed: 1, started_at: 0, finished_at: 1 };

/** A run of two pictures in two calls, as it should be. */
const healthy: Evidence = {
  expected: {
    wanted: 2,
    perCall: 1,
    isComplete: true,
    mayFail: [],
    mayRepeat: false,
    isSpoilt: false,
    isDelivered: true,
    endsWithinMs: 90_000,
    outages: [{ from: "called", forMs: 6_000 }],
  },
  jobId,
  statuses: ["queued", "running", "succeeded"],
  job: {
    id: jobId,
    status: "succeeded",
    images: [0, 1].map((index) => ({ index, sha256: `hash ${index}`, content_url: "" })),
    failures: [],
  },
  moments: new Map([
    ["accepted", 1_000],
    ["called", 2_000],
  ]),
  endedAfterMs: 12_000,
  stored: {
    job: { partitionKey: "tag", rowKey: jobId, status: "succeeded" },
    slots: [stored(0), stored(1)],
    deliveries: [{ partitionKey: jobId, rowKey: "delivery" }],
    images: [`${jobId}/0.png`, `${jobId}/1.png`, `${jobId}/0.256.webp`],
    uploads: [],
  },
  hashes: new Map([
    [0, "hash 0"],
    [1, "hash 1"],
  ]),
  ledger: [call, call],
  answers: [0, 1].map((at) => ({ place: "generate", status: 200, images: 1, isWhole: true, at })),
  firstWatcher: events,
  lateWatcher: events,
  received: [message],
};
const job = healthy.job!;
const nothing = { job: undefined, slots: [], deliveries: [], images: [], uploads: [] };
const failure = { index: 1, code: "internal", message: "An internal step failed." };
const withJob = (change: Partial<typeof job>): Partial<Evidence> => ({ job: { ...job, ...change } });
const expecting = (change: Partial<Evidence["expected"]>): Partial<Evidence> => ({
  expected: { ...healthy.expected, ...change },
});
const withStored = (change: Partial<Evidence["stored"]>): Partial<Evidence> => ({
  stored: { ...healthy.stored, ...change },
});

/** A breach of each promise, planted in the healthy run. */
const planted: [promise: string, what: string, change: Partial<Evidence>][] = [
  ["a request that is asked again is accepted", "never accepted", { jobId: undefined }],
  ["an accepted job ends in time", "no end", { endedAfterMs: undefined }],
  ["an accepted job ends in time", "a late end", { endedAfterMs: 90_001 }],
  ["a job ends within 30 s once storage is back", "31 s after it", { endedAfterMs: 38_001 }],
  ["status only moves forward, and an end stands", "back to queued", { statuses: ["running", "queued"] }],
  ["status only moves forward, and an end stands", "another end", { statuses: ["failed", "succeeded"] }],
  [
    "storage says what the wire says",
    "a row that lags",
    withStored({ job: { partitionKey: "tag", rowKey: jobId, status: "running" } }),
  ],
  [
    "images are among the slots, each once",
    "a slot too many",
    withJob({ images: [...job.images, { index: 2, sha256: "", content_url: "" }] }),
  ],
  ["images are among the slots, each once", "an image and a failure", withJob({ failures: [failure] })],
  [
    "every slot of an ended job has an image or a reason",
    "a slot without",
    withJob({ images: job.images.slice(0, 1) }),
  ],
  ["an image's blob exists and has its hash", "no blob", { hashes: new Map([[0, "hash 0"]]) }],
  [
    "an image's blob exists and has its hash",
    "other bytes",
    {
      hashes: new Map([
        [0, "hash 0"],
        [1, "hash 0"],
      ]),
    },
  ],
  [
    "no fault costs a picture that it needn't",
    "a picture missing",
    withJob({ images: job.images.slice(0, 1), failures: [failure] }),
  ],
  [
    "what was paid for and received is delivered",
    "received, not delivered",
    withJob({ images: job.images.slice(0, 1), failures: [failure] }),
  ],
  [
    "a failed slot carries a reason that fits what happened",
    "internal",
    { ...withJob({ failures: [failure] }), ...expecting({ mayFail: ["contentFilter"] }) },
  ],
  [
    "a failed slot carries a reason that fits what happened",
    "no words",
    { ...withJob({ failures: [{ ...failure, message: " " }] }), ...expecting({ mayFail: ["internal"] }) },
  ],
  [
    "nothing is bought twice unflagged",
    "three pictures billed",
    { ledger: [call, call, call], ...expecting({ mayRepeat: true }) },
  ],
  [
    "a fault of storage buys nothing twice, and flags nothing",
    "bought and flagged",
    { ledger: [call, call, call], ...withJob({ repeated_calls: 1 }) },
  ],
  [
    "a fault of storage buys nothing twice, and flags nothing",
    "flagged for nothing",
    withJob({ repeated_calls: 1 }),
  ],
  ["nothing is bought for a request that was not accepted", "a bill", { jobId: undefined }],
  [
    "no blob without its row, and no row without its job",
    "a strange blob",
    withStored({ images: [...healthy.stored.images, `${jobId}/7.png`] }),
  ],
  [
    "no blob without its row, and no row without its job",
    "a thumbnail of nothing",
    withStored({ images: [...healthy.stored.images, `${jobId}/7.256.webp`] }),
  ],
  [
    "no blob without its row, and no row without its job",
    "a partial nobody tells of",
    withStored({ images: [...healthy.stored.images, `${jobId}/partial/0-0.png`] }),
  ],
  [
    "no blob without its row, and no row without its job",
    "slots without a job",
    withStored({ job: undefined }),
  ],
  [
    "a deleted job leaves nothing",
    "its row",
    { ...expecting({ leaves: "deleted" }), stored: { ...nothing, job: healthy.stored.job } },
  ],
  [
    "a deleted job leaves nothing",
    "a thumbnail",
    { ...expecting({ leaves: "deleted" }), stored: { ...nothing, images: [`${jobId}/0.256.webp`] } },
  ],
  [
    "a deleted job leaves nothing",
    "an input",
    { ...expecting({ leaves: "deleted" }), stored: { ...nothing, uploads: [`${jobId}/image-0`] } },
  ],
  [
    "events are numbered without gaps or repeats, and the end is the last",
    "a gap",
    { lateWatcher: events.filter(({ id }) => id !== 3) },
  ],
  [
    "events are numbered without gaps or repeats, and the end is the last",
    "a repeat",
    { firstWatcher: [events[0]!, ...events] },
  ],
  [
    "events are numbered without gaps or repeats, and the end is the last",
    "no end",
    { lateWatcher: events.slice(0, 4) },
  ],
  [
    "who watches from the first sees what a late one sees",
    "other facts",
    { firstWatcher: events.map((event) => (event.id === 3 ? { ...event, facts: "{}" } : event)) },
  ],
  ["who watches from the first sees what a late one sees", "less", { firstWatcher: events.slice(0, 4) }],
  ["a webhook arrives at least once, under one id, signed", "none", { received: [] }],
  [
    "a webhook arrives at least once, under one id, signed",
    "two ids",
    { received: [message, { ...message, id: "dlv_2" }] },
  ],
  [
    "a webhook arrives at least once, under one id, signed",
    "no signature",
    { received: [{ ...message, isSigned: false }] },
  ],
];

describe("the promises of a run", () => {
  it("hold of a run as it should be", () => {
    expect(breachesOf(healthy)).toEqual([]);
  });

  it.each(planted)("%s: broken by %s", (promise, _, change) => {
    const broken = breachesOf({ ...healthy, ...change }).map(({ invariant }) => invariant);
    expect(broken).toContain(promise);
  });

  it("are each broken by something here", () => {
    expect(new Set(planted.map(([promise]) => promise))).toEqual(new Set(invariants.map(({ name }) => name)));
  });

  it.each<[string, Partial<Evidence>]>([
    [
      "a call that was repeated and is flagged",
      { ledger: [call, call, call], ...withJob({ repeated_calls: 1 }), ...expecting({ mayRepeat: true }) },
    ],
    [
      "a job that was canceled midway",
      {
        ...withJob({ status: "canceled", images: [] }),
        ...expecting({ leaves: "canceled" }),
        stored: { ...nothing, job: { partitionKey: "", rowKey: jobId, status: "canceled" } },
        firstWatcher: [],
        lateWatcher: [],
      },
    ],
    ["a message that came twice", { received: [message, message] }],
  ])("are not broken by %s", (_, change) => {
    expect(breachesOf({ ...healthy, ...change })).toEqual([]);
  });
});
