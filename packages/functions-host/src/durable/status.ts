import type { InstanceHeader, RuntimeStatus } from "./state.ts";

/** An instance as clients see it (EXT DurableOrchestrationStatus). Payloads are parsed. */
export interface InstanceStatus {
  name: string;
  instanceId: string;
  runtimeStatus: RuntimeStatus;
  input: unknown;
  customStatus: unknown;
  output: unknown;
  createdTime: string;
  lastUpdatedTime: string;
}

/**
 * Describes an instance for a client. Absent payloads are null and never missing: the SDK refuses a status
 * without `input` or `output` (DJS orchestrations/DurableOrchestrationStatus.ts).
 */
export function describeInstance(header: InstanceHeader, showInput = true): InstanceStatus {
  return {
    name: header.name,
    instanceId: header.id,
    runtimeStatus: header.status,
    input: showInput ? parsed(header.input) : null,
    customStatus: parsed(header.customStatus),
    output: parsed(header.output),
    createdTime: wholeSeconds(header.createdAt),
    lastUpdatedTime: wholeSeconds(header.updatedAt),
  };
}

/** The value of a JSON text; text that is not JSON, such as a failure message, stays as it is. */
export function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

// The API cuts times to whole seconds (EXT HttpApiHandler.cs).
function wholeSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
