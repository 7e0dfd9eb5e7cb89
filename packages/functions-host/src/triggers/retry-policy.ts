import { randomUUID } from "node:crypto";
import type { RetryPolicy } from "../core-types.ts";
import type { TriggerCall } from "../invoker.ts";

/** Milliseconds before retry number `retry`, counted from 1 (WJS Host/Executors/FunctionExecutorExtensions.cs). */
export function policyDelay(policy: RetryPolicy, retry: number): number {
  const seconds = (duration: { seconds?: number } | undefined) => duration?.seconds ?? 0;
  if (policy.retryStrategy !== "exponentialBackoff") return seconds(policy.delayInterval) * 1000;
  const grown = seconds(policy.minimumInterval) * 2 ** (retry - 1);
  return Math.min(grown, seconds(policy.maximumInterval)) * 1000;
}

/** Calls a function again while its retry policy allows, each time as a call of its own. -1 never gives up. */
export async function callWithPolicy(
  policy: RetryPolicy | undefined,
  call: TriggerCall,
  invoke: (call: TriggerCall) => Promise<unknown>,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<void> {
  const maximum = policy?.maxRetryCount ?? 0;
  let retryContext: TriggerCall["retryContext"];
  for (let retry = 0; ; retry += 1) {
    try {
      await invoke({
        ...call,
        invocationId: randomUUID(),
        ...(retryContext === undefined ? {} : { retryContext }),
      });
      return;
    } catch (error) {
      if (!policy || (maximum >= 0 && retry >= maximum)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      retryContext = { retryCount: retry + 1, maxRetryCount: maximum, exception: { message } };
      await sleep(policyDelay(policy, retry + 1));
    }
  }
}
