import { createHash } from "node:crypto";
import { recentMap } from "../../domain/recent-map.ts";
import type { JobRecord } from "../../ports/records.ts";
import { attribute } from "./names.ts";
import type { Attributes } from "./telemetry.ts";

/** What a span of a job has to know of it; none of it ever changes. */
export type JobFacts = Pick<JobRecord, "id" | "kind" | "model" | "deployment" | "origin">;

export interface KnownJobs {
  note(job: JobRecord): void;
  /** Undefined when there is no such job, or nobody can be asked. */
  find(jobId: string): Promise<JobFacts | undefined>;
}

// Jobs whose activities run here at about the same time, with room to spare.
const maxKnown = 1_000;

/**
 * Jobs that this instance has heard of. Their facts are read once: activities of one job run in numbers, and a span needs
 * its parent before the activity itself has read anything.
 */
export function knownJobs(read: (jobId: string) => Promise<JobRecord | undefined>): KnownJobs {
  const known = recentMap<JobFacts>(maxKnown);
  const note = ({ id, kind, model, deployment, origin }: JobRecord) =>
    known.set(id, { id, kind, model, deployment, ...(origin && { origin }) });
  return {
    note,
    async find(jobId) {
      if (!known.get(jobId)) {
        const job = await read(jobId).catch(() => undefined);
        if (job) note(job);
      }
      return known.get(jobId);
    },
  };
}

export function attributesOf({ id, model, deployment, origin }: JobFacts): Attributes {
  return {
    [attribute.requestId]: origin?.requestId,
    [attribute.jobId]: id,
    [attribute.model]: model,
    [attribute.deployment]: deployment,
  };
}

/** The same for everybody who works on the job, on whatever instance: its span is told at its end, by one of them. */
export function jobSpanId(jobId: string): string {
  return createHash("sha256").update(`job ${jobId}`).digest("hex").slice(0, 16);
}

/** Where a job's activities belong: under the job's own span, in the trace of the request that was accepted. */
export function placeOf({ id, origin }: JobFacts): string | undefined {
  const [version, trace, , flags] = origin?.trace?.split("-") ?? [];
  return trace && [version, trace, jobSpanId(id), flags].join("-");
}
