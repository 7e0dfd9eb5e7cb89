/** One upstream request and the slots it fills, in order. */
export interface PlannedCall {
  /** Position in the plan; names the call's record. */
  call: number;
  slots: number[];
}

/** Splits a job's slots into calls of at most `imagesPerCall`: DALL-E 3 has n calls of one, the others one call of up to ten. */
export function planCalls(n: number, imagesPerCall: number): PlannedCall[] {
  const slots = Array.from({ length: n }, (_, index) => index);
  return Array.from({ length: Math.ceil(n / imagesPerCall) }, (_, call) => ({
    call,
    slots: slots.slice(call * imagesPerCall, (call + 1) * imagesPerCall),
  }));
}

/**
 * Deals the calls to at most `maxParallel` batches. A batch runs its calls one after another and batches run at once, so
 * that never more calls are in flight than batches, and a slow call holds up its own batch only.
 */
export function partitionCalls(calls: readonly PlannedCall[], maxParallel = calls.length): PlannedCall[][] {
  const batches = Math.max(1, Math.min(maxParallel, calls.length));
  return Array.from({ length: batches }, (_, batch) =>
    calls.filter((_call, index) => index % batches === batch),
  );
}
