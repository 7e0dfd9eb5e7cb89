import type { InvocationContext } from "@azure/functions";
import { getClient } from "durable-functions";
import { type EditJobInput, type JobInput, orchestrations } from "../contracts/workflow.ts";
import type { Offer } from "../domain/deployment.ts";
import { Fault } from "../domain/fault.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { JobRunner } from "../ports.ts";
import { instanceState } from "./instance-state.ts";

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
          // A stream is of one image: its partial images don't say which of several they are.
          imagesPerCall: job.request.stream ? 1 : capability.imagesPerCall,
          maxParallel: deployment.maxParallel,
          deadline: Date.parse(job.deadline),
          notifies: job.notice ? true : undefined,
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
        return instanceState(client, jobId);
      },
      async stop(jobId) {
        await client.terminate(jobId, "The job is over.");
      },
    };
  };
