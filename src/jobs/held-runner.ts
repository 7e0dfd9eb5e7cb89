import type { InvocationContext } from "@azure/functions";
import type { JobRunner } from "../ports/jobs.ts";
import type { ServiceState } from "../ports/service.ts";

/** Begins no job while the app is paused: it stays recorded, and jobs-reconcile begins it once the app is open again. */
export function heldRunner(
  runner: (context: InvocationContext) => JobRunner,
  service: ServiceState,
): (context: InvocationContext) => JobRunner {
  return (context) => {
    const jobs = runner(context);
    return {
      ...jobs,
      async start(job) {
        if ((await service.mode()) !== "paused") return jobs.start(job);
        context.info(`job ${job.id} waits: the app is paused`);
      },
    };
  };
}
