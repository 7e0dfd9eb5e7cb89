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
 * Deals the calls to at most `maxParallel` lanes. A lane runs its calls one after another and lanes run at once, so
 * that never more calls are in flight than lanes, and a slow call holds up its own lane only.
 */
export function dealLanes(calls: readonly PlannedCall[], maxParallel = calls.length): PlannedCall[][] {
  const lanes = Math.max(1, Math.min(maxParallel, calls.length));
  return Array.from({ length: lanes }, (_, lane) => calls.filter((_call, index) => index % lanes === lane));
}
