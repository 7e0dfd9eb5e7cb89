/** A call that isn't turned away within this was taken: a 429 comes at once. */
export const confirmedMs = 2_000;

/** Calls that were started at about the same time. */
export interface Starts {
  at: number;
  requests: number;
  images: number;
  /** How many of the requests the service turned away. */
  refused: number;
}

/** Oldest first. */
export type StartLog = readonly Starts[];

// Starts of a tenth of a second are one entry, so that the log stays small whatever the limit is. Their time is the end of that
// tenth: never earlier than the start itself.
const bucketMs = 100;
export const maxWindowMs = 60_000;
/** The service stamps a call later than we do, now more, now less: what we count is remembered for longer by this much. */
export const jitterMs = 500;
const rememberedMs = maxWindowMs + 4 * jitterMs;

function bucketOf(at: number): number {
  return Math.ceil(at / bucketMs) * bucketMs;
}

export function addStart(log: StartLog, at: number, images: number): StartLog {
  const recent = log.filter((starts) => starts.at + rememberedMs > at);
  const last = recent.at(-1);
  // Clocks of instances differ: the log stays in order.
  const bucket = Math.max(bucketOf(at), last?.at ?? 0);
  if (last?.at !== bucket) return [...recent, { at: bucket, requests: 1, images, refused: 0 }];
  return [...recent.slice(0, -1), { ...last, requests: last.requests + 1, images: last.images + images }];
}

/** The call was turned away. Services count those too: it stays a request, whose images were not made. */
export function markRefused(log: StartLog, at: number, images: number): StartLog {
  return change(log, at, (starts) => ({ refused: starts.refused + 1, images: starts.images - images }));
}

/** The call was never sent. */
export function removeStart(log: StartLog, at: number, images: number): StartLog {
  return change(log, at, (starts) => ({ requests: starts.requests - 1, images: starts.images - images }));
}

/** Whether a call was sent so long behind its permit's time that the service counts it elsewhere than we do. */
export function isLate(at: number, sentAt: number | undefined): sentAt is number {
  return sentAt !== undefined && sentAt > at + jitterMs;
}

/** The call was sent at another time than it was let go for. */
export function moveStart(
  log: StartLog,
  { at, images }: { at: number; images: number },
  sentAt: number,
): StartLog {
  return addStart(removeStart(log, at, images), sentAt, images);
}

function change(log: StartLog, at: number, edit: (starts: Starts) => Partial<Starts>): StartLog {
  const bucket = log.findIndex((starts) => starts.at >= at);
  return log.map((starts, index) => (index === bucket ? { ...starts, ...edit(starts) } : starts));
}

/** The most requests that the service took within one window, of those that end after `since`. */
export function peakOf(log: StartLog, windowMs: number, since = 0): number {
  let [first, sum, peak] = [0, 0, 0];
  for (const { at, requests, refused } of log) {
    sum += requests - refused;
    for (let one = log[first]; one && one.at <= at - windowMs; one = log[first]) {
      sum -= one.requests - one.refused;
      first += 1;
    }
    if (at > since) peak = Math.max(peak, sum);
  }
  return peak;
}

/** Requests that the service took after `since`. */
export function acceptedSince(log: StartLog, since: number): number {
  return log.reduce((sum, { at, requests, refused }) => (at > since ? sum + requests - refused : sum), 0);
}

/** Requests after `since` that the service turned away. */
export function refusedSince(log: StartLog, since: number): number {
  return log.reduce((sum, { at, refused }) => (at > since ? sum + refused : sum), 0);
}

/** Requests after `since` that were taken for sure. */
export function confirmedSince(log: StartLog, since: number, now: number): number {
  return acceptedSince(confirmedAt(log, now), since);
}

export function confirmedAt(log: StartLog, now: number): StartLog {
  return log.filter(({ at }) => at <= now - confirmedMs);
}
