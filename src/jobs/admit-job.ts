import { AppError } from "../domain/app-error.ts";
import { type Identity, requireJobAllowed } from "../domain/identity.ts";
import type { TokenUses } from "../ports/callers.ts";
import type { ServiceState } from "../ports/service.ts";
import type { JobRecord } from "../ports/records.ts";

const draining = "This app takes no new jobs at the moment; those it has go on.";
const drainingRetrySeconds = 60;

interface Admission {
  /** To be called when no job was made after all. */
  undo(): Promise<void>;
}

/**
 * Checks a job against what the one who asks may do, and counts it against their token. Counted before the job is recorded: a
 * crash in between costs the token one of its jobs, and never lets it have one more. Throws `forbidden`, and `upstreamUnavailable` while
 * the app is drained.
 */
export async function admitJob(
  { tokenUses, service }: { tokenUses: TokenUses; service: ServiceState },
  identity: Identity | undefined,
  job: JobRecord,
): Promise<Admission> {
  if (!identity) return { undo: async () => {} };
  requireJobAllowed(identity, job);
  if ((await service.mode()) === "draining")
    throw new AppError("upstreamUnavailable", draining, { retryAfterSeconds: drainingRetrySeconds });
  const { token } = identity;
  if (!token) return { undo: async () => {} };
  if (!(await tokenUses.take(token)))
    throw new AppError("forbidden", `This token has had its ${token.maxJobs} jobs; ask for another token.`);
  return { undo: () => tokenUses.giveBack(token) };
}
