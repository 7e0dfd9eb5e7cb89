import type { InvocationContext } from "@azure/functions";
import { AppError } from "../domain/app-error.ts";
import { deliveryIdOf } from "../domain/webhook.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeliveryRunner, DeliveryStore } from "../ports/deliveries.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";
import { presentDelivery } from "../jobs/present-delivery.ts";
import { respondJson } from "../http/respond.ts";

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
    const { jobs, deliveries, clock } = deps;
    const [job] = await findJobOf(deps, caller, params["id"] ?? "");
    const current = await deliveries.read(job.id);
    if (!current || params["delivery_id"] !== deliveryIdOf(job.id))
      throw new AppError("notFound", "There is no such delivery.");
    if (current.round >= maxRounds)
      throw new AppError("conflict", `This was sent anew ${maxRounds - 1} times already; that is the most.`);
    // Due first: should this be cut off before the start, jobs-reconcile starts the round that stands.
    await jobs.markNotification(job.id, "pending");
    const renewed = (await deliveries.renew(job.id, clock.now())) ?? current;
    await deps.deliveryRunner(context).start(renewed);
    await jobs.markNotification(job.id, "sent");
    return respondJson(202, presentDelivery(renewed, await deliveries.readAttempts(job.id)));
  },
});
