import { withoutAbsent } from "./without-absent.ts";

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

interface Tokens {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
}

/** What a job's calls have cost, as far as anybody knows. Nothing is told of what there is none of. */
export function tallyCalls(calls: readonly (Sends & { usage?: Tokens })[]) {
  const told = calls.flatMap(({ usage }) => (usage ? [usage] : []));
  const sum = (key: keyof Tokens) => told.reduce((total, usage) => total + usage[key], 0);
  const usage =
    told.length === 0
      ? undefined
      : {
          input_tokens: sum("input_tokens"),
          output_tokens: sum("output_tokens"),
          total_tokens: sum("total_tokens"),
        };
  const repeatedCalls = calls.reduce((total, { repeated }) => total + repeated, 0);
  return withoutAbsent({ usage, repeatedCalls: repeatedCalls || undefined });
}

/** Sends that are on their way, or whose end nobody saw: each may be billed. */
export function countUnanswered(calls: readonly Sends[]): number {
  return calls.reduce(
    (total, { outcome, unanswered }) => total + (outcome === undefined ? unanswered : 0),
    0,
  );
}
