import type { InvocationContext } from "@azure/functions";
import { Fault } from "../domain/fault.ts";
import { deliveryIdOf } from "../domain/webhook.ts";
import type { Clock, DeliveryRunner, DeliveryStore } from "../ports.ts";
import type { Endpoint } from "./endpoint.ts";
import { findJobOf, type JobFinder } from "./find-job.ts";
import { presentDelivery } from "./present-delivery.ts";
import { respondJson } from "./respond.ts";

interface Dependencies extends JobFinder {
  deliveries: DeliveryStore;
  clock: Clock;
  deliveryRunner: (context: InvocationContext) => DeliveryRunner;
}

// Each round is ten POSTs at most, and a row for each: enough for a receiver that is being mended.
const maxRounds = 20;

/** Sends a webhook again from its first try on, whatever became of it; a round that is under way gives way to the new one. */
export const deliveryRedeliver = (deps: Dependencies): Endpoint => ({
  name: "delivery-redeliver",
  method: "POST",
  route: "api/jobs/{id}/deliveries/{delivery_id}/redeliver",
  access: "caller",
  runsJobs: true,
  async handle({ params, caller, context }) {
    const { deliveries, clock } = deps;
    const [job] = await findJobOf(deps, caller, params["id"] ?? "");
    const standing = await deliveries.read(job.id);
    if (!standing || params["delivery_id"] !== deliveryIdOf(job.id))
      throw new Fault("notFound", "There is no such delivery.");
    if (standing.round >= maxRounds)
      throw new Fault("conflict", `This was sent anew ${maxRounds - 1} times already; that is the most.`);
    // Due first: should this be cut off before the start, jobs-reconcile starts the round that stands.
    await deliveries.mark(job.id, "due");
    const renewed = (await deliveries.renew(job.id, clock.now())) ?? standing;
    await deps.deliveryRunner(context).start(renewed);
    await deliveries.mark(job.id, "settled");
    return respondJson(202, presentDelivery(renewed, await deliveries.readAttempts(job.id)));
  },
});
