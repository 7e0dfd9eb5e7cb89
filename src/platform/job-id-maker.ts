import { createHash, randomBytes } from "node:crypto";
import { callerTag, makeJobId } from "../domain/job-id.ts";
import type { Clock, JobIds } from "../ports.ts";

/** Ids for accepted requests: each request a new one. */
export function randomJobIds(clock: Clock): JobIds {
  const hashOf = (caller: string) => createHash("sha256").update(caller).digest();
  return {
    next: (caller) => makeJobId(clock.now().getTime(), hashOf(caller), randomBytes(8)),
    tagOf: (caller) => callerTag(hashOf(caller)),
  };
}
