/**
 * What the services publish that Darkroom stands on, by the second; the first three are targets for entities and messages of 1 KiB
 * (learn.microsoft.com: "Scalability and performance targets" for Table storage, Queue storage and storage accounts;
 * "Performance and scale in Durable Functions"; "Durable Task Scheduler billing"). Ours are as small.
 */
export const limits = {
  entitiesOfPartition: 2_000,
  requestsOfAccount: 20_000,
  messagesOfQueue: 2_000,
  /** Gigabits into an account, in the larger regions; 25 elsewhere. */
  gigabitsIntoAccount: 60,
  /** Partitions of a task hub in Azure Storage, each of which one instance serves. */
  hubPartitions: 16,
  /** Of the Durable Task Scheduler, without and with a dedicated capacity unit, of which there are up to three. */
  actionsOfConsumption: 500,
  actionsOfUnit: 2_000,
  maxUnits: 3,
};
