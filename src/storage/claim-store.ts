import { odata, type TableEntity, type TransactionAction } from "@azure/data-tables";
import { type Claim, givesWay, mayResume, type StandingClaim } from "../domain/claim.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { ClaimStore } from "../ports.ts";
import type { JobRecord } from "../records.ts";
import { jobKey, toJobRow } from "./job-entities.ts";
import { forgetPending, notePending } from "./pending-index.ts";
import { hasStatus, keptChanging, maxRounds, orUndefined, removeUnchanged, type Tables } from "./tables.ts";

type ClaimRow = Pick<StandingClaim, keyof StandingClaim>;

// What one transaction holds.
const sweptAtOnce = 100;

/**
 * Claims lie in the table of jobs, in their caller's partition: only there can a claim and its job be written in one
 * transaction. There is no claim whose job has yet to be recorded, so one without a job is one whose job was deleted.
 */
export function tableClaimStore({ jobs, ensure }: Pick<Tables, "jobs" | "ensure">): ClaimStore {
  async function read({ tag, name }: Pick<Claim, "tag" | "name">) {
    return orUndefined(jobs.getEntity<ClaimRow>(tag, claimKey(name)));
  }

  /** False when somebody else was there first. */
  async function write(...actions: TransactionAction[]): Promise<boolean> {
    try {
      await jobs.submitTransaction(actions);
      return true;
    } catch (error) {
      if (hasStatus(error, 409) || hasStatus(error, 412)) return false;
      throw error;
    }
  }

  return {
    async record(job, claim) {
      await ensure();
      await notePending(jobs, job.id, "record");
      const jobRow: TransactionAction = ["create", { ...toJobRow(job) }];
      const row: TableEntity<ClaimRow> = {
        partitionKey: jobKey(job.id).partitionKey,
        rowKey: claimKey(claim.name),
        jobId: job.id,
        bodyHash: claim.bodyHash,
        claimedAt: job.createdAt,
      };
      if (claim.kind === "firstTry") {
        // Nobody stands in its way: if this is met by a row, it is its own, whose answer was lost.
        await write(["upsert", row, "Replace"], jobRow);
        return undefined;
      }
      if (await write(["create", row], jobRow)) return undefined;
      for (let round = 0; round < maxRounds; round += 1) {
        const standing = await read(claim);
        if (standing && isOwn(standing, job)) return undefined;
        if (standing && !givesWay(standing, claim, new Date(job.createdAt))) {
          // Of a job that will never be. A file's job has one id for all who tell of it: its row is that job's own.
          if (standing.jobId !== job.id) await forgetPending(jobs, job.id);
          return claimIn(standing);
        }
        const claiming: TransactionAction = standing
          ? ["update", row, "Replace", { etag: standing.etag }]
          : ["create", row];
        if (await write(claiming, jobRow)) return undefined;
      }
      throw keptChanging();
    },
    async find(claim) {
      const standing = await read(claim);
      return standing && claimIn(standing);
    },
    async resume(claim, now) {
      const standing = await read(claim);
      if (!standing || !mayResume(standing, now)) return false;
      const { tag: partitionKey, name } = claim;
      const row = { partitionKey, rowKey: claimKey(name), resumedAt: now.toISOString() };
      try {
        await jobs.updateEntity(row, "Merge", { etag: standing.etag });
        return true;
      } catch (error) {
        if (hasStatus(error, 412) || hasStatus(error, 404)) return false;
        throw error;
      }
    },
    async sweep(claimedBefore) {
      await ensure();
      const filter = odata`claimedAt lt ${claimedBefore.toISOString()}`;
      const pages = jobs
        .listEntities<ClaimRow>({ queryOptions: { filter } })
        .byPage({ maxPageSize: sweptAtOnce });
      for await (const rows of pages) {
        // One that was claimed anew in between stands.
        await Promise.all(rows.map((row) => removeUnchanged(jobs, row)));
      }
    },
  };
}

/** A lost answer makes the client send once more and meet its own claim. */
function isOwn({ jobId, claimedAt }: ClaimRow, job: JobRecord): boolean {
  return jobId === job.id && claimedAt === job.createdAt;
}

/** Job ids begin with another letter: a range of ids holds no claims. */
export function claimKey(name: string): string {
  return `claim-${name}`;
}

function claimIn({ jobId, bodyHash, claimedAt, resumedAt }: ClaimRow): StandingClaim {
  return withoutAbsent({ jobId, bodyHash, claimedAt, resumedAt });
}
