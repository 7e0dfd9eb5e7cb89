import { odata, type TableEntityResult, type TransactionAction } from "@azure/data-tables";
import { Fault } from "../domain/fault.ts";
import type { DeliveryStore } from "../ports.ts";
import type { DeliveryAttempt, DeliveryRecord } from "../records.ts";
import { fromJobRow, jobKey, type JobRow } from "./job-entities.ts";
import { hasStatus, keptChanging, mostRounds, orUndefined, type Tables } from "./tables.ts";

interface Row {
  json: string;
}

const deliveryKey = "delivery";
const attemptKey = ({ round, attempt }: Pick<DeliveryAttempt, "round" | "attempt">) =>
  `attempt-${padded(round)}-${padded(attempt)}`;
const padded = (number: number) => String(number).padStart(3, "0");

/** Deliveries in Table Storage: one partition for each job, so that an attempt and what came of it are written at once. */
export function tableDeliveryStore({ jobs, deliveries, ensure }: Tables): DeliveryStore {
  const readRow = async (jobId: string): Promise<TableEntityResult<Row> | undefined> => {
    await ensure();
    return orUndefined(deliveries.getEntity<Row>(jobId, deliveryKey));
  };

  /** Writes what `change` makes of the delivery that stands, together with an attempt if there is one. */
  async function rewrite(
    jobId: string,
    change: (standing: DeliveryRecord) => DeliveryRecord,
    attempt?: DeliveryAttempt,
  ): Promise<DeliveryRecord | undefined> {
    for (let tries = 0; tries < mostRounds; tries += 1) {
      const row = await readRow(jobId);
      if (!row) return undefined;
      const changed = change(fromRow(row));
      try {
        const actions: TransactionAction[] = [["update", toRow(changed), "Replace", { etag: row.etag }]];
        if (attempt) actions.push(["upsert", toAttemptRow(jobId, attempt), "Replace"]);
        await deliveries.submitTransaction(actions);
        return changed;
      } catch (error) {
        if (!hasStatus(error, 412)) throw error;
      }
    }
    throw keptChanging();
  }

  return {
    async open(delivery) {
      await ensure();
      try {
        await deliveries.createEntity(toRow(delivery));
        return delivery;
      } catch (error) {
        if (!hasStatus(error, 409)) throw error;
      }
      const standing = await readRow(delivery.jobId);
      if (!standing) throw new Fault("internal", "a delivery was removed while it was opened");
      return fromRow(standing);
    },
    async read(jobId) {
      const row = await readRow(jobId);
      return row && fromRow(row);
    },
    async readAttempts(jobId) {
      await ensure();
      const attempts: DeliveryAttempt[] = [];
      const filter = odata`PartitionKey eq ${jobId} and RowKey ge ${"attempt-"} and RowKey lt ${"attempt."}`;
      for await (const row of deliveries.listEntities<Row>({ queryOptions: { filter } }))
        attempts.push(JSON.parse(row.json) as DeliveryAttempt);
      return attempts;
    },
    async record(delivery, attempt) {
      const { jobId, round } = delivery;
      await rewrite(jobId, (standing) => (standing.round === round ? delivery : standing), attempt);
    },
    async renew(jobId, at) {
      const next = { attempt: 1, at: at.toISOString() };
      return rewrite(jobId, (standing) => ({
        ...standing,
        status: "pending",
        round: standing.round + 1,
        next,
      }));
    },
    async *listDue() {
      await ensure();
      const filter = odata`notice eq ${"due"} and open eq false`;
      for await (const row of jobs.listEntities<JobRow>({ queryOptions: { filter } }))
        yield fromJobRow({ ...row, rowKey: row.rowKey ?? "" });
    },
    async mark(jobId, state) {
      try {
        // One column alone: whoever writes another meanwhile loses nothing.
        await jobs.updateEntity({ ...jobKey(jobId), notice: state }, "Merge");
      } catch (error) {
        // A job that was deleted needs no telling.
        if (!hasStatus(error, 404)) throw error;
      }
    },
  };
}

function toRow(delivery: DeliveryRecord) {
  return { partitionKey: delivery.jobId, rowKey: deliveryKey, json: JSON.stringify(delivery) };
}

function fromRow(row: Row): DeliveryRecord {
  return JSON.parse(row.json) as DeliveryRecord;
}

function toAttemptRow(jobId: string, attempt: DeliveryAttempt) {
  return { partitionKey: jobId, rowKey: attemptKey(attempt), json: JSON.stringify(attempt) };
}
