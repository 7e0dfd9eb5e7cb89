import { type DurableClient, OrchestrationRuntimeStatus } from "durable-functions";
import type { RunState } from "../../ports/jobs.ts";

const { Pending, Running, ContinuedAsNew, Suspended, Failed } = OrchestrationRuntimeStatus;
const active = new Set<string>([Pending, Running, ContinuedAsNew, Suspended]);

/** Whether an orchestration runs under that id, or has; undefined when none ever did. */
export async function instanceState(
  client: DurableClient,
  instanceId: string,
): Promise<RunState | undefined> {
  const status = await client.getStatus(instanceId).catch((error: unknown) => {
    // The client has no other sign for an instance that isn't there.
    if (error instanceof Error && error.message.includes("HTTP 404 response")) return undefined;
    throw error;
  });
  if (!status) return undefined;
  if (active.has(status.runtimeStatus)) return "active";
  return status.runtimeStatus === Failed ? "failed" : "ended";
}
