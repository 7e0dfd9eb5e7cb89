import { createHash, randomBytes } from "node:crypto";
import { callerTag, type IdKind, makeId } from "../../domain/job-id.ts";
import type { Clock } from "../../ports/clock.ts";
import type { BlobVersion, JobIds } from "../../ports/jobs.ts";

/** Ids for accepted requests, each a new one; and for blobs that arrived, one for each version. */
export function randomJobIds(clock: Clock): JobIds {
  const hashOf = (caller: string) => createHash("sha256").update(caller).digest();
  const next = (kind: IdKind) => (caller: string) =>
    makeId(kind, clock.now().getTime(), hashOf(caller), randomBytes(8));
  const ofBlob =
    (kind: IdKind) =>
    (caller: string, blob: string, { etag, modifiedAt }: BlobVersion) => {
      const version = createHash("sha256")
        .update(JSON.stringify([blob, etag]))
        .digest();
      return makeId(kind, modifiedAt.getTime(), hashOf(caller), version);
    };
  return {
    next: next("job"),
    nextUpload: next("upload"),
    nextBatch: next("batch"),
    ofBlob: ofBlob("job"),
    batchOfBlob: ofBlob("batch"),
    tagOf: (caller) => callerTag(hashOf(caller)),
  };
}
