import { join } from "node:path";
import { EventType } from "../../../packages/functions-host/src/durable/history.ts";
import { readRecordedInstances } from "../../../packages/functions-host/src/durable/journal.ts";

/** What one job is to the durable service, all of its orchestrations together. */
export interface DurableWork {
  instances: number;
  /** Rows of history, one for each event, and their bytes as JSON. */
  rows: number;
  bytes: number;
  activities: number;
  /** Times an orchestrator ran: each reads its history, and writes what is new. */
  episodes: number;
}

export function durableWorkOf(jobId: string, hostData: string): DurableWork {
  const ours = readRecordedInstances(join(hostData, "durable")).filter(({ header }) =>
    header.id.startsWith(jobId),
  );
  const events = ours.flatMap(({ history }) => history);
  const count = (type: number) => events.filter(({ EventType: each }) => each === type).length;
  return {
    instances: ours.length,
    rows: events.length,
    bytes: events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0),
    activities: count(EventType.TaskScheduled),
    episodes: count(EventType.OrchestratorStarted),
  };
}

/** Messages of Azure Storage's queues: an instance's start, and for each activity its work item and its end. */
export const messagesOf = ({ instances, activities }: DurableWork) => instances + 2 * activities;

/**
 * Requests to the hub's own account: a message is put, taken and removed; an episode reads its history, writes what is new in
 * one transaction, and the instance's row (learn.microsoft.com, "Azure Storage provider for Durable Functions").
 */
export const requestsOf = (work: DurableWork) => 3 * messagesOf(work) + 3 * work.episodes;

/** As the Durable Task Scheduler counts: a start, an activity, and the processing of its result. */
export const actionsOf = ({ instances, activities }: DurableWork) => instances + 2 * activities;
