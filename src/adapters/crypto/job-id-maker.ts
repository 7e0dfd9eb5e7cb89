import { createHash, randomBytes } from "node:crypto";
import { callerTag, makeId } from "../../domain/job-id.ts";
import type { Clock } from "../../ports/clock.ts";
import type { JobIds } from "../../ports/jobs.ts";

/** Ids for accepted requests, each a new one; and for blobs that arrived, one for each version. */
export function randomJobIds(clock: Clock): JobIds {
  const hashOf = (caller: string) => createHash("sha256").update(caller).digest();
  return {
    next: (caller) => makeId("job", clock.now().getTime(), hashOf(caller), randomBytes(8)),
    nextUpload: (caller) => makeId("upload", clock.now().getTime(), hashOf(caller), randomBytes(8)),
    ofBlob: (caller, blob, { etag, modifiedAt }) => {
      const version = createHash("sha256")
        .update(JSON.stringify([blob, etag]))
        .digest();
      return makeId("job", modifiedAt.getTime(), hashOf(caller), version);
    },
    tagOf: (caller) => callerTag(hashOf(caller)),
  };
}
