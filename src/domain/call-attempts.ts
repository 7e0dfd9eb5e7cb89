import { sumUsage, type TokenUsage } from "./token-usage.ts";
import { withoutAbsent } from "./without-absent.ts";

/**
 * The attempts of one upstream call, by id. An id is made once for each send, so that a write that is repeated because its
 * answer was lost changes nothing the second time.
 */
interface Attempts {
  /** Sends whose end nobody has seen: each may have been billed. */
  inDoubt: readonly string[];
  /** Sends that were made while an earlier one was in doubt: the service may bill the same images twice. */
  duplicates: readonly string[];
  /** Where to ask for what was submitted: the service has taken it, and will bill it once it is done. */
  operation?: string;
  /** Where the last send went. */
  deployment?: string;
  outcome?: { kind: string };
}

// Twice what retries make, so that restarts cost no image. Without a limit, a reply that kills its reader would be paid
// for without end.
const maxAttemptsInDoubt = 6;

export function attemptsExhausted({ inDoubt }: Pick<Attempts, "inDoubt">): boolean {
  return inDoubt.length >= maxAttemptsInDoubt;
}

/** Whether nobody but the service it was sent to can settle it: a bill is open there, or an answer is. */
export function isBound({
  inDoubt,
  operation,
  outcome,
  links,
}: Attempts & { links?: readonly unknown[] }): boolean {
  return inDoubt.length > 0 || operation !== undefined || outcome !== undefined || links !== undefined;
}

/** The record once the attempt is about to be sent. A call with an outcome is not sent again and stays as it is. */
export function beginAttempt<R extends Attempts>(record: R, id: string, deployment?: string): R {
  if (record.outcome !== undefined || record.inDoubt.includes(id)) return record;
  const { deployment: _, ...rest } = record;
  return {
    ...(rest as R),
    ...(deployment !== undefined && { deployment }),
    inDoubt: [...record.inDoubt, id],
    duplicates: record.inDoubt.length > 0 ? [...record.duplicates, id] : record.duplicates,
  };
}

/** The record without the attempt: it never went out, or the service answered it and is known not to bill it. */
export function undoAttempt<R extends Attempts>(record: R, id: string): R {
  return { ...record, inDoubt: without(record.inDoubt, id), duplicates: without(record.duplicates, id) };
}

/** The record once the attempt was answered: it is no doubt any more; a duplicate stays one. */
export function markAnswered<R extends Attempts>(record: R, id: string): R {
  return { ...record, inDoubt: without(record.inDoubt, id) };
}

/** A settled record after another delivery's attempt ended as well: its outcome stays, what is known of that attempt counts. */
export function settleLateAttempt<R extends Attempts>(settled: R, { inDoubt, duplicates }: Attempts): R {
  const isKnown =
    inDoubt.length === settled.inDoubt.length && duplicates.length === settled.duplicates.length;
  return isKnown ? settled : { ...settled, inDoubt, duplicates };
}

function without(ids: readonly string[], id: string): string[] {
  return ids.filter((other) => other !== id);
}

/** What a job's calls have cost, as far as anybody knows. What is nought is absent. */
export function tallyCalls(calls: readonly (Attempts & { usage?: TokenUsage })[]) {
  const repeatedCalls = calls.reduce((total, { duplicates }) => total + duplicates.length, 0);
  const unansweredCalls = calls.reduce((total, call) => total + countUnanswered(call), 0);
  return withoutAbsent({
    usage: sumUsage(calls.map(({ usage }) => usage)),
    repeatedCalls: repeatedCalls || undefined,
    unansweredCalls: unansweredCalls || undefined,
  });
}

/** An answered call tells of its other sends as duplicates; for any other, each send in doubt may be billed for nothing. */
function countUnanswered({ inDoubt, operation, outcome }: Attempts): number {
  if (outcome?.kind === "stored" || outcome?.kind === "refused") return 0;
  const isUnderWay = operation !== undefined && outcome === undefined;
  return inDoubt.length + (isUnderWay ? 1 : 0);
}
