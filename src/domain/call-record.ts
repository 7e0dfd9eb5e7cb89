interface Sends {
  unanswered: number;
  repeated: number;
  outcome?: unknown;
}

// Twice what retries make, so that restarts cost no image. Without a limit, a reply that kills whoever reads it would be
// paid for without end.
const mostSendsInDoubt = 6;

/** Whether a call's end stayed unknown so often that it isn't sent again, whatever cut it off. */
export function isSpent({ unanswered }: Pick<Sends, "unanswered">): boolean {
  return unanswered >= mostSendsInDoubt;
}

/**
 * A call's record as it stands once the call is about to be sent again. A send that was never answered may have been
 * billed, so sending over it counts as repeated. A call with an outcome is not sent again and stays as it is.
 */
export function reopen<R extends Sends>(record: R): R {
  if (record.outcome !== undefined) return record;
  const doubt = record.unanswered > 0 ? 1 : 0;
  return { ...record, unanswered: record.unanswered + 1, repeated: record.repeated + doubt };
}

/** The record with its latest send taken back: it never went out, or its end is known and billed nothing. */
export function takeBack<R extends Sends>(record: R): R {
  if (record.unanswered === 0) return record;
  const doubt = record.unanswered > 1 ? 1 : 0;
  return { ...record, unanswered: record.unanswered - 1, repeated: record.repeated - doubt };
}
