import { odata, type TableEntityResult, type TransactionAction } from "@azure/data-tables";
import { AppError } from "../../domain/app-error.ts";
import type { DeliveryTarget } from "../../domain/hook.ts";
import type { DeliveryStore } from "../../ports/deliveries.ts";
import type { DeliveryAttempt, DeliveryRecord } from "../../ports/records.ts";
import { clearPartition } from "./clear-partition.ts";
import { jobKey, type JobRow } from "./job-entities.ts";
import { hasStatus, surelyRead, type Tables, withOptimisticConcurrency } from "./tables.ts";

interface Row {
  json: string;
}

// The webhook's rows have the names that they had when there was nothing else to tell.
const deliveryKey = (target: DeliveryTarget | undefined) =>
  target === undefined ? "delivery" : `delivery-${target}`;
const attemptPrefix = (target: DeliveryTarget | undefined) =>
  target === undefined ? "attempt" : `tried-${target}`;
const attemptKey = (
  target: DeliveryTarget | undefined,
  { round, attempt }: Pick<DeliveryAttempt, "round" | "attempt">,
) => `${attemptPrefix(target)}-${padded(round)}-${padded(attempt)}`;
const padded = (number: number) => String(number).padStart(3, "0");

/** Deliveries in Table Storage: one partition for each job, so that an attempt and what came of it are written at once. */
export function tableDeliveryStore({ jobs, deliveries, ensure }: Tables): DeliveryStore {
  const readRow = async (
    jobId: string,
    target?: DeliveryTarget,
  ): Promise<TableEntityResult<Row> | undefined> => {
    await ensure();
    return surelyRead(() => deliveries.getEntity<Row>(jobId, deliveryKey(target)));
  };

  /** Writes what `change` makes of the delivery that stands, together with an attempt if there is one. */
  async function rewrite(
    { jobId, target }: Pick<DeliveryRecord, "jobId" | "target">,
    change: (current: DeliveryRecord) => DeliveryRecord,
    attempt?: DeliveryAttempt,
  ): Promise<DeliveryRecord | undefined> {
    // Not there any more: removed with its job.
    return withOptimisticConcurrency(async () => {
      const row = await readRow(jobId, target);
      if (!row) return undefined;
      const changed = change(fromRow(row));
      const actions: TransactionAction[] = [["update", toRow(changed), "Replace", { etag: row.etag }]];
      if (attempt) actions.push(["upsert", toAttemptRow(changed, attempt), "Replace"]);
      await deliveries.submitTransaction(actions);
      return changed;
    }, [404, 412]);
  }

  async function isDeleted(jobId: string): Promise<boolean> {
    const { partitionKey, rowKey } = jobKey(jobId);
    const row = await surelyRead(() => jobs.getEntity<JobRow>(partitionKey, rowKey));
    return row === undefined || row.deletedAt !== undefined;
  }

  return {
    async open(delivery) {
      await ensure();
      let conflict: Error | undefined;
      try {
        await deliveries.createEntity(toRow(delivery));
      } catch (error) {
        if (!(error instanceof Error) || !hasStatus(error, 409)) throw error;
        conflict = error;
      }
      if (await isDeleted(delivery.jobId)) {
        await clearPartition(deliveries, delivery.jobId);
        return undefined;
      }
      const existing = await readRow(delivery.jobId, delivery.target);
      // A conflict is believed only when the row is there: anyone who believes it takes the end for told.
      if (!existing) throw conflict ?? new AppError("internal", "a delivery that was written is not there");
      return fromRow(existing);
    },
    async removeOrphan(jobId) {
      await ensure();
      if (await isDeleted(jobId)) await clearPartition(deliveries, jobId);
    },
    async read(jobId, target) {
      const row = await readRow(jobId, target);
      return row && fromRow(row);
    },
    async readAttempts(jobId, target) {
      await ensure();
      const attempts: DeliveryAttempt[] = [];
      const prefix = attemptPrefix(target);
      const filter = odata`PartitionKey eq ${jobId} and RowKey ge ${`${prefix}-`} and RowKey lt ${`${prefix}.`}`;
      for await (const row of deliveries.listEntities<Row>({ queryOptions: { filter } }))
        attempts.push(JSON.parse(row.json) as DeliveryAttempt);
      return attempts;
    },
    async record(delivery, attempt) {
      const { round } = delivery;
      await rewrite(delivery, (current) => (current.round === round ? delivery : current), attempt);
    },
    async renew(jobId, at) {
      const next = { attempt: 1, at: at.toISOString() };
      return rewrite({ jobId }, (current) => ({
        ...current,
        status: "pending",
        round: current.round + 1,
        next,
      }));
    },
  };
}

function toRow(delivery: DeliveryRecord) {
  return {
    partitionKey: delivery.jobId,
    rowKey: deliveryKey(delivery.target),
    json: JSON.stringify(delivery),
  };
}

function fromRow(row: Row): DeliveryRecord {
  return JSON.parse(row.json) as DeliveryRecord;
}

function toAttemptRow({ jobId, target }: DeliveryRecord, attempt: DeliveryAttempt) {
  return { partitionKey: jobId, rowKey: attemptKey(target, attempt), json: JSON.stringify(attempt) };
}
