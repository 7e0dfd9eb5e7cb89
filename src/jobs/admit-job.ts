import { AppError } from "../domain/app-error.ts";
import { type Identity, requireJobAllowed } from "../domain/identity.ts";
import type { TokenUses } from "../ports/callers.ts";
import type { JobRecord } from "../ports/records.ts";

interface Admission {
  /** To be called when no job was made after all. */
  undo(): Promise<void>;
}

/**
 * Checks a job against what the one who asks may do, and counts it against their token. Counted before the job is recorded: a
 * crash in between costs the token one of its jobs, and never lets it have one more. Throws `forbidden`.
 */
export async function admitJob(
  { tokenUses }: { tokenUses: TokenUses },
  identity: Identity | undefined,
  job: JobRecord,
): Promise<Admission> {
  if (identity) requireJobAllowed(identity, job);
  const token = identity?.token;
  if (!token) return { undo: async () => {} };
  if (!(await tokenUses.take(token)))
    throw new AppError("forbidden", `This token has had its ${token.maxJobs} jobs; ask for another token.`);
  return { undo: () => tokenUses.giveBack(token) };
}
