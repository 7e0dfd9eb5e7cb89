import type { DeliveryList } from "../contracts/deliveries.ts";
import type { DeliveryStore } from "../ports/deliveries.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { findJobOf, type JobFinder } from "../jobs/find-job.ts";
import { presentDelivery } from "../jobs/present-delivery.ts";
import { respondJson } from "../http/respond.ts";

/** How the telling of a job's end fared, try by try. */
export const deliveriesGet = (deps: JobFinder & { deliveries: DeliveryStore }): Endpoint => ({
  name: "deliveries-get",
  method: "GET",
  route: "api/jobs/{id}/deliveries",
  access: "caller",
  async handle({ params, caller }) {
    const [job] = await findJobOf(deps, caller, params["id"] ?? "");
    const delivery = await deps.deliveries.read(job.id);
    const attempts = delivery ? await deps.deliveries.readAttempts(job.id) : [];
    const list: DeliveryList = { deliveries: delivery ? [presentDelivery(delivery, attempts)] : [] };
    return respondJson(200, list);
  },
});
