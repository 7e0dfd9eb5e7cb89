import { createHash, randomBytes } from "node:crypto";
import { makeId } from "../../src/domain/job-id.ts";
import type { JobRecord } from "../../src/ports/records.ts";

/** A queued job of a caller's own; each with a new id. */
export function aJob(change: Partial<JobRecord> = {}): JobRecord {
  const caller = change.caller ?? "key:phone";
  const createdAt = change.createdAt ?? "2026-01-02T03:04:05.678Z";
  const hash = createHash("sha256").update(caller).digest();
  return {
    id: makeId("job", Date.parse(createdAt), hash, randomBytes(8)),
    caller,
    kind: "generation",
    status: "queued",
    model: "dall-e-3",
    deployment: "dalle3",
    request: { prompt: "a cat", n: 2, size: "1024x1024", quality: "standard", style: "vivid" },
    createdAt,
    deadline: "2099-01-01T00:00:00.000Z",
    ...change,
  };
}
