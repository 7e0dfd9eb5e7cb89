import type { InvocationContext } from "@azure/functions";
import { getClient, OrchestrationRuntimeStatus } from "durable-functions";
import { type EditJobInput, instanceIds, type JobInput, orchestrations } from "../../contracts/workflow.ts";
import type { ResolvedDeployment } from "../../domain/deployment.ts";
import { AppError } from "../../domain/app-error.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import type { JobRunner } from "../../ports/jobs.ts";
import { instanceState } from "./instance-state.ts";
import { purgeInstance } from "./purge-instance.ts";

const ended = [
  OrchestrationRuntimeStatus.Completed,
  OrchestrationRuntimeStatus.Failed,
  OrchestrationRuntimeStatus.Terminated,
];

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

/** Starts orchestrations through the durable client of one invocation, which alone knows where the host listens. */
export const durableJobRunner =
  (offers: readonly ResolvedDeployment[]) =>
  (context: InvocationContext): JobRunner => {
    const client = getClient(context);
    return {
      async start(job) {
        const offer = offers.find(({ deployment }) => deployment.name === job.deployment);
        if (!offer) throw new AppError("internal", `deployment ${job.deployment} is no longer configured`);
        const { capability, deployment } = offer;
        const input: JobInput = withoutAbsent({
          jobId: job.id,
          n: job.request.n,
          protocol: capability.protocol,
          // A stream is of one image: its partial images don't say which of several they are.
          imagesPerCall: job.request.stream ? 1 : capability.imagesPerCall,
          maxParallel: deployment.maxParallel,
          deadline: Date.parse(job.deadline),
          notifies: job.notification ? true : undefined,
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
      async purge({ id, request: { n } }, deliveries) {
        // First: what has ended starts no batches and no deliveries any more.
        if (!(await purgeInstance(client, id))) return false;
        const batches = n === 1 ? [] : upTo(n).map((batch) => instanceIds.batch(id, batch));
        const rounds = deliveries.flatMap((delivery) =>
          upTo(delivery.round).map((at) => instanceIds.delivery({ ...delivery, round: at + 1 })),
        );
        const purged = await Promise.all([...batches, ...rounds].map((each) => purgeInstance(client, each)));
        return !purged.includes(false);
      },
      async purgeEnded(begunBefore) {
        const { instancesDeleted } = await client.purgeInstanceHistoryBy({
          createdTimeFrom: new Date(0),
          createdTimeTo: begunBefore,
          runtimeStatus: ended,
        });
        return instancesDeleted;
      },
    };
  };
