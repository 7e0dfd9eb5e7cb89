import { hasEnded } from "../job-view.ts";
import type { Evidence } from "../run/evidence.ts";
import type { Invariant } from "./invariant.ts";

const order = ["queued", "running", "ended"];
const stage = (status: string) => order.indexOf(hasEnded(status) ? "ended" : status);

export const isAccepted: Invariant = {
  name: "a request that is asked again is accepted",
  breaches: ({ jobId }) => (jobId === undefined ? ["it was never accepted"] : []),
};

/** The deadline begins with the first permit, for which a job may wait so long: 429s of other runs teach its deployment's pool. */
export const maxTurnMs = 25_000;

export const endsInTime: Invariant = {
  name: "an accepted job ends in time",
  breaches({ jobId, endedAfterMs, expected, statuses, lateWatcher = [] }) {
    if (jobId === undefined) return [];
    const hasWaited = lateWatcher.some(({ type }) => type === "job.waiting");
    const limitMs = expected.endsWithinMs + (hasWaited ? maxTurnMs : 0);
    const limit = `within ${Math.round(limitMs / 1000)} s`;
    if (endedAfterMs === undefined) return [`it had not ended ${limit}: ${statuses.at(-1) ?? "never read"}`];
    return endedAfterMs > limitMs
      ? [`it ended after ${Math.round(endedAfterMs / 1000)} s, not ${limit}`]
      : [];
  },
};

/** Within which a job ends once storage is back. */
const afterOutageMs = 30_000;

/** How long after the last outage a job ended; undefined when there was none, or no end. */
export function afterOutage({ expected, moments, endedAfterMs }: Evidence): number | undefined {
  const acceptedAt = moments.get("accepted");
  const back = expected.outages
    .flatMap(({ from, forMs }) => (moments.get(from) ?? NaN) + forMs)
    .filter(Number.isFinite);
  if (back.length === 0 || acceptedAt === undefined || endedAfterMs === undefined) return undefined;
  return acceptedAt + endedAfterMs - Math.max(...back);
}

export const endsSoonAfterOutage: Invariant = {
  name: "a job ends within 30 s once storage is back",
  breaches(evidence) {
    const late = afterOutage(evidence);
    if (late === undefined || late <= afterOutageMs) return [];
    return [`it took ${Math.round(late / 1000)} s: ${historyOf(evidence)}`];
  },
};

/** The job's events, with the seconds from its acceptance at which the app wrote them. */
function historyOf({ lateWatcher = [], moments }: Evidence): string {
  const acceptedAt = moments.get("accepted") ?? NaN;
  return lateWatcher
    .map(({ type, facts }) => {
      const { created_at: at, waiting } = JSON.parse(facts) as {
        created_at: string;
        waiting?: { reason: string };
      };
      const seconds = Math.round((Date.parse(at) - acceptedAt) / 1000);
      return `${type}${waiting ? ` (${waiting.reason})` : ""} ${seconds}`;
    })
    .join(", ");
}

export const movesForward: Invariant = {
  name: "status only moves forward, and an end stands",
  breaches({ statuses }) {
    return statuses.flatMap((status, at) => {
      const before = statuses[at - 1];
      if (before === undefined || status === before) return [];
      return hasEnded(before) || stage(status) < stage(before) ? [`${before} became ${status}`] : [];
    });
  },
};

export const rowAgrees: Invariant = {
  name: "storage says what the wire says",
  breaches({ job, stored, expected }) {
    if (!job || !stored.job || expected.leaves === "deleted") return [];
    const { status } = stored.job;
    return status === job.status ? [] : [`the row says ${String(status)}, the wire ${job.status}`];
  },
};
