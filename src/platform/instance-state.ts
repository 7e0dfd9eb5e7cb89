import type { DurableClient } from "durable-functions";

const active = new Set<string>(["Pending", "Running", "ContinuedAsNew", "Suspended"]);

/** Whether an orchestration runs under that id, or has; undefined when none ever did. */
export async function instanceState(
  client: DurableClient,
  instanceId: string,
): Promise<"active" | "ended" | undefined> {
  const status = await client.getStatus(instanceId).catch((error: unknown) => {
    // The client has no other sign for an instance that isn't there.
    if (error instanceof Error && error.message.includes("HTTP 404 response")) return undefined;
    throw error;
  });
  if (!status) return undefined;
  return active.has(status.runtimeStatus) ? "active" : "ended";
}
