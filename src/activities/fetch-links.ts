import type { CallStep } from "../contracts/workflow.ts";
import { errorInfo } from "../domain/app-error.ts";
import type { CallOutcome } from "../domain/upstream-outcome.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock } from "../ports/clock.ts";
import type { FetchReply, ImageModels } from "../ports/image-model.ts";
import type { JobStore } from "../ports/jobs.ts";
import type { CallRecord, JobRecord, PendingLink, SlotRecord } from "../ports/records.ts";
import { bytesInMemory } from "./bytes-in-memory.ts";
import { discardLateImages } from "./settle-call.ts";
import type { Patience, StepClock } from "./storage-patience.ts";
import { failedSlot, storeImage, type Storing } from "./store-image.ts";

export interface FetchLinksDeps extends Storing {
  jobs: JobStore;
  models: ImageModels;
  clock: Clock;
}

// A file that the service has named may take a while to appear where it serves files from.
const lateForMs = 2 * 60_000;
const firstPauseMs = 1_000;
const maxPauseMs = 15_000;
// Storage that is away may take the two minutes.
const minFetches = 3;

type Fetched =
  | { kind: "ended"; slot: SlotRecord }
  | { kind: "late"; link: PendingLink; retryAfterMs: number };

/**
 * Fetches the images that a recorded answer has links to, once each, and records what came of them. An image is paid for
 * by then, so one that is late is fetched again, for two minutes, and never bought again. `fetching` says when to run next.
 */
export async function fetchLinks(
  deps: FetchLinksDeps,
  { step, job, record }: { step: CallStep; job: JobRecord; record: CallRecord },
  { patience, fetchUntil }: StepClock,
): Promise<CallOutcome> {
  const { jobs, clock } = deps;
  const { links = [], answeredAt, fetches = 0 } = record;
  const ageMs = clock.now().getTime() - Date.parse(answeredAt ?? job.createdAt);
  const isLast = ageMs >= lateForMs && fetches >= minFetches;
  const fetched: Fetched[] = [];
  // One after another: two of 64 MB each are more than an instance has to spare.
  for (const link of links) {
    const isInTime = clock.now().getTime() < fetchUntil;
    fetched.push(
      isInTime
        ? await fetchLink(deps, job, link, { isLast }, patience)
        : { kind: "late", link, retryAfterMs: 0 },
    );
  }

  const ends = fetched.flatMap((one) => (one.kind === "ended" ? [one.slot] : []));
  const late = fetched.flatMap((one) => (one.kind === "late" ? [one] : []));
  const change = (current: CallRecord) =>
    withoutAbsent({
      ...current,
      fetches: fetches + 1,
      links: late.length > 0 ? late.map(({ link }) => link) : undefined,
      ...(late.length === 0 && { outcome: { kind: "stored" as const } }),
    });
  const settled = await patience(() => jobs.settleCall(step.jobId, step.call, change, ends));
  if (settled.isOver) return patience(() => discardLateImages(deps, step));
  if (late.length === 0) return settled.record.outcome ?? { kind: "stored" };
  const named = Math.max(...late.map(({ retryAfterMs }) => retryAfterMs));
  // Longer pauses the longer it takes, as far as the service names none.
  const pauseMs = Math.min(maxPauseMs, Math.max(firstPauseMs, ageMs / 2));
  return { kind: "fetching", retryAfterMs: Math.min(lateForMs, Math.max(named, pauseMs)) };
}

async function fetchLink(
  deps: FetchLinksDeps,
  job: JobRecord,
  link: PendingLink,
  { isLast }: { isLast: boolean },
  patience: Patience,
): Promise<Fetched> {
  const { url, ...facts } = link;
  const { index } = facts;
  // It has clocks of its own.
  const { signal } = new AbortController();
  const reply: FetchReply = await deps.models.at(job.deployment).fetchImage(url, signal);
  const store = async (bytes: Uint8Array): Promise<Fetched> => {
    const image = { ...facts, picture: bytesInMemory(bytes) };
    return { kind: "ended", slot: await patience(() => storeImage(deps, job, image)) };
  };
  switch (reply.kind) {
    case "image":
      return store(reply.bytes);
    case "lost":
      return { kind: "ended", slot: failedSlot(index, reply.failure) };
    case "late": {
      if (!isLast) return { kind: "late", link, retryAfterMs: reply.retryAfterMs };
      // It stayed what it was, so that it may be what the service makes by now.
      if (reply.received) return store(reply.received);
      const message = `The image was made, and could not be fetched from the service for two minutes: ${reply.reason}.`;
      return { kind: "ended", slot: failedSlot(index, errorInfo("upstreamUnavailable", message)) };
    }
  }
}
