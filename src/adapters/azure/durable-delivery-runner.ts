import type { InvocationContext } from "@azure/functions";
import { getClient } from "durable-functions";
import { type DeliveryInput, instanceIds, orchestrations } from "../../contracts/workflow.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { DeliveryRunner } from "../../ports/deliveries.ts";
import { instanceState } from "./instance-state.ts";
import { purgeInstance } from "./purge-instance.ts";

/** Starts deliveries through the durable client of one invocation. */
export const durableDeliveryRunner = (context: InvocationContext): DeliveryRunner => {
  const client = getClient(context);
  return {
    async start({ jobId, round, target, trace }) {
      const input: DeliveryInput = withoutAbsent({ jobId, round, target, trace });
      const instanceId = instanceIds.delivery(input);
      // One that has ended runs anew: anyone who was to be told had gone when a try was due, and may have come back.
      if ((await instanceState(client, instanceId)) === "active") return;
      try {
        await client.startNew(orchestrations.webhookDelivery, { instanceId, input });
      } catch (error) {
        // Somebody else was a moment faster: that is as good.
        if ((await instanceState(client, instanceId)) !== "active") throw error;
      }
    },
    async purge(delivery) {
      await purgeInstance(client, instanceIds.delivery(delivery));
    },
  };
};
