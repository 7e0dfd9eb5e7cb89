import type { FaultFacts } from "../domain/fault.ts";
import { concludeJob, isTerminal } from "../domain/image-job.ts";
import { withoutAbsent } from "../domain/without-absent.ts";
import type { Clock, JobStore } from "../ports.ts";
import type { CallRecord } from "../records.ts";

/**
 * Ends the job by what its slots say, and tells which images it has. An ended job stays as it ended. `fault` is the
 * reason of slots that have none of their own.
 */
export const finishJobWith =
  ({ jobs, clock }: { jobs: JobStore; clock: Clock }) =>
  async ({ jobId, fault }: { jobId: string; fault?: FaultFacts }): Promise<{ images: number[] }> => {
    const [job, { slots, calls }] = await Promise.all([jobs.read(jobId), jobs.readProgress(jobId)]);
    if (!job) return { images: [] };
    if (!isTerminal(job.status)) {
      const end = concludeJob(job.request.n, slots, fault);
      const unsettled = end.failures.filter(({ index }) => !slots.some((slot) => slot.index === index));
      const [first] = unsettled;
      if (first) {
        const indexes = unsettled.map(({ index }) => index);
        await jobs.failSlots(jobId, indexes, first.fault);
      }
      const facts = withoutAbsent({
        finishedAt: clock.now().toISOString(),
        fault: end.fault,
        usage: sumUsage(calls),
        repeatedCalls: calls.reduce((sum, call) => sum + call.repeated, 0) || undefined,
      });
      await jobs.advance(jobId, end.status, facts);
    }
    return { images: slots.flatMap((slot) => (slot.state === "stored" ? [slot.index] : [])) };
  };

function sumUsage(calls: readonly CallRecord[]): CallRecord["usage"] {
  const told = calls.flatMap(({ usage }) => (usage ? [usage] : []));
  if (told.length === 0) return undefined;
  const sum = (key: "input_tokens" | "output_tokens" | "total_tokens") =>
    told.reduce((total, usage) => total + usage[key], 0);
  return {
    input_tokens: sum("input_tokens"),
    output_tokens: sum("output_tokens"),
    total_tokens: sum("total_tokens"),
  };
}
