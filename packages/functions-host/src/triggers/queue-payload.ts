import type { TypedData } from "../core-types.ts";
import { parsed } from "../durable/status.ts";
import type { TriggerCall } from "../invoker.ts";
import type { QueueMessage } from "./queue-listener.ts";

/** A queue message as its function receives it (WJS Queues/Triggers/QueueTriggerBinding.cs). */
export function queueCall(queueName: string, { text, item }: QueueMessage): TriggerCall {
  return {
    data: { string: text },
    reason: `New queue message detected on '${queueName}'.`,
    metadata: {
      ...topLevelProperties(text),
      QueueTrigger: { string: text },
      DequeueCount: { int: item.dequeueCount },
      Id: { string: item.messageId },
      PopReceipt: { string: item.popReceipt },
      InsertionTime: { string: item.insertedOn.toISOString() },
      ExpirationTime: { string: item.expiresOn.toISOString() },
      NextVisibleTime: { string: item.nextVisibleOn.toISOString() },
    },
  };
}

/** The real host also offers what a JSON message holds, lists left out (HOST Utility.cs `ApplyBindingData`). */
function topLevelProperties(text: string): Record<string, TypedData> {
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const properties = Object.entries(value).filter(([, each]) => each !== null && !Array.isArray(each));
  return Object.fromEntries(
    properties.map(([name, each]) => [
      name,
      typeof each === "string" ? { string: each } : { json: JSON.stringify(each) },
    ]),
  );
}
