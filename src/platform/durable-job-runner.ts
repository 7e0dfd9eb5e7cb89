import type { InvocationContext } from "@azure/functions";
import { getClient } from "durable-functions";
import { type EditJobInput, type JobInput, orchestrations } from "../contracts/workflow.ts";
import type { Offer } from "../domain/deployment.ts";
import { Fault } from "../domain/fault.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { JobRunner } from "../ports.ts";

/** Starts orchestrations through the durable client of one invocation, which alone knows where the host listens. */
export const durableJobRunner =
  (offers: readonly Offer[]) =>
  (context: InvocationContext): JobRunner => {
    const client = getClient(context);
    return {
      async start(job) {
        const offer = offers.find(({ deployment }) => deployment.name === job.deployment);
        if (!offer) throw new Fault("internal", `deployment ${job.deployment} is no longer configured`);
        const { capability, deployment } = offer;
        const input: JobInput = withoutAbsent({
          jobId: job.id,
          n: job.request.n,
          protocol: capability.protocol,
          imagesPerCall: capability.imagesPerCall,
          maxParallel: deployment.maxParallel,
          deadline: Date.parse(job.deadline),
        });
        // The job's id is the instance's: a second start of the same job meets the first.
        if (!job.awaits) {
          await client.startNew(orchestrations.imageJob, { instanceId: job.id, input });
          return;
        }
        const arriveBy = Date.parse(job.awaits.until);
        const waiting: EditJobInput = { ...input, arriveBy, publishes: job.inbox !== undefined };
        await client.startNew(orchestrations.editJob, { instanceId: job.id, input: waiting });
      },
      async state(jobId) {
        const status = await client.getStatus(jobId).catch((error: unknown) => {
          // The client has no other sign for an instance that isn't there.
          if (error instanceof Error && error.message.includes("HTTP 404 response")) return undefined;
          throw error;
        });
        if (!status) return undefined;
        return active.has(status.runtimeStatus) ? "active" : "ended";
      },
      async stop(jobId) {
        await client.terminate(jobId, "The job is over.");
      },
    };
  };

const active = new Set<string>(["Pending", "Running", "ContinuedAsNew", "Suspended"]);
