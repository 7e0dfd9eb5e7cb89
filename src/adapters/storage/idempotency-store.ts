import { odata, type TableEntity, type TransactionAction } from "@azure/data-tables";
import {
  type IdempotencyKey,
  givesWay,
  mayResume,
  type IdempotencyRecord,
} from "../../domain/idempotency.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { IdempotencyStore } from "../../ports/jobs.ts";
import type { JobRecord } from "../../ports/records.ts";
import { jobKey, toJobRow } from "./job-entities.ts";
import { knownJobRows } from "./job-store.ts";
import { removePending, notePending } from "./pending-index.ts";
import {
  hasStatus,
  keptChanging,
  maxRounds,
  ignoreNotFound,
  removeUnchanged,
  requireEtag,
  type Tables,
} from "./tables.ts";

type IdempotencyRow = Pick<IdempotencyRecord, keyof IdempotencyRecord>;

// What one transaction holds.
const sweptAtOnce = 100;

/**
 * Idempotency records lie in the table of jobs, in their caller's partition: only there can an idempotency record and its job be written in one
 * transaction. There is no record whose job has yet to be recorded, so one without a job is one whose job was deleted.
 */
export function tableIdempotencyStore(
  { jobs, ensure }: Pick<Tables, "jobs" | "ensure">,
  knownRows = knownJobRows(),
): IdempotencyStore {
  async function read({ tag, name }: Pick<IdempotencyKey, "tag" | "name">) {
    return ignoreNotFound(jobs.getEntity<IdempotencyRow>(tag, idempotencyRowKey(name)));
  }

  /** False when somebody else was there first. */
  async function write(record: TransactionAction, job: JobRecord): Promise<boolean> {
    try {
      const { subResponses } = await jobs.submitTransaction([["create", { ...toJobRow(job) }], record]);
      knownRows.set(job.id, { job, etag: requireEtag(subResponses[0]) });
      return true;
    } catch (error) {
      if (hasStatus(error, 409) || hasStatus(error, 412)) return false;
      throw error;
    }
  }

  return {
    async record(job, idempotencyKey) {
      await ensure();
      // At once: a client waits for both.
      const [earlier] = await Promise.all([idempotencyKey.joins?.(), notePending(jobs, job.id, "record")]);
      if (earlier) {
        await removePending(jobs, job.id);
        return recordIn(earlier);
      }
      const row: TableEntity<IdempotencyRow> = {
        partitionKey: jobKey(job.id).partitionKey,
        rowKey: idempotencyRowKey(idempotencyKey.name),
        jobId: job.id,
        bodyHash: idempotencyKey.bodyHash,
        recordedAt: job.createdAt,
      };
      if (idempotencyKey.kind === "firstTry") {
        // Nobody stands in its way: if this is met by a row, it is its own, whose answer was lost.
        await write(["upsert", row, "Replace"], job);
        return undefined;
      }
      if (await write(["create", row], job)) return undefined;
      for (let round = 0; round < maxRounds; round += 1) {
        const original = await read(idempotencyKey);
        if (original && isOwn(original, job)) return undefined;
        if (original && !givesWay(original, idempotencyKey, new Date(job.createdAt))) {
          // Of a job that will never be. A file's job has one id for all who tell of it: its row is that job's own.
          if (original.jobId !== job.id) await removePending(jobs, job.id);
          return recordIn(original);
        }
        const creating: TransactionAction = original
          ? ["update", row, "Replace", { etag: original.etag }]
          : ["create", row];
        if (await write(creating, job)) return undefined;
      }
      throw keptChanging();
    },
    async find(idempotencyKey) {
      const original = await read(idempotencyKey);
      return original && recordIn(original);
    },
    async resume(idempotencyKey, now) {
      const original = await read(idempotencyKey);
      if (!original || !mayResume(original, now)) return false;
      const { tag: partitionKey, name } = idempotencyKey;
      const row = { partitionKey, rowKey: idempotencyRowKey(name), resumedAt: now.toISOString() };
      try {
        await jobs.updateEntity(row, "Merge", { etag: original.etag });
        return true;
      } catch (error) {
        if (hasStatus(error, 412) || hasStatus(error, 404)) return false;
        throw error;
      }
    },
    async removeExpired(recordedBefore, linesBefore) {
      await ensure();
      // Names of lines begin with `line-`, and a dot follows a hyphen.
      const [first, behind] = [idempotencyRowKey("line-"), idempotencyRowKey("line.")];
      const filter = odata`recordedAt lt ${linesBefore.toISOString()} or (recordedAt lt ${recordedBefore.toISOString()} and (RowKey lt ${first} or RowKey ge ${behind}))`;
      const pages = jobs
        .listEntities<IdempotencyRow>({ queryOptions: { filter } })
        .byPage({ maxPageSize: sweptAtOnce });
      for await (const rows of pages) {
        // One that was claimed anew in between stands.
        await Promise.all(rows.map((row) => removeUnchanged(jobs, row)));
      }
    },
  };
}

/** A lost answer makes the client send once more and meet its own idempotency record. */
function isOwn({ jobId, recordedAt }: IdempotencyRow, job: JobRecord): boolean {
  return jobId === job.id && recordedAt === job.createdAt;
}

/** Job ids begin with another letter: a range of ids holds no idempotency records. */
export function idempotencyRowKey(name: string): string {
  return `claim-${name}`;
}

function recordIn({ jobId, bodyHash, recordedAt, resumedAt }: IdempotencyRow): IdempotencyRecord {
  return withoutAbsent({ jobId, bodyHash, recordedAt, resumedAt });
}
