import { createHash, randomBytes } from "node:crypto";
import { callerTag } from "../../src/domain/job-id.ts";
import type { Callback, HookRecord, JobRecord, WebhookRequest } from "../../src/ports/records.ts";
import { aJob } from "./jobs.ts";

export const receiverUrl = "https://hooks.example/darkroom?token=s3cret";

export const aWebhookRequest = (change: Partial<WebhookRequest> = {}): WebhookRequest => ({
  url: receiverUrl,
  events: ["job.succeeded", "job.failed", "job.canceled"],
  ...change,
});

/** A job that has ended, and whose webhook is to be told. */
export const anEndedJob = (change: Partial<JobRecord> = {}): JobRecord =>
  aJob({
    status: "succeeded",
    startedAt: "2026-01-02T03:04:06.000Z",
    finishedAt: "2026-01-02T03:04:09.000Z",
    webhook: aWebhookRequest(),
    notification: "pending",
    ...change,
  });

export const callbackUrl = "https://engine.example/runs/1/callback?sig=s3cret";

export const aCallback = (change: Partial<Callback> = {}): Callback => ({
  name: randomBytes(16).toString("hex"),
  url: callbackUrl,
  ...change,
});

/** A hook of the job's caller that wants to know of its end. */
export const aHook = (
  { caller }: Pick<JobRecord, "caller">,
  change: Partial<HookRecord> = {},
): HookRecord => ({
  callerTag: callerTag(createHash("sha256").update(caller).digest()),
  name: randomBytes(16).toString("hex"),
  caller,
  url: callbackUrl,
  outcome: "any",
  createdAt: "2026-01-02T03:04:00.000Z",
  renewedAt: "2026-01-02T03:04:00.000Z",
  ...change,
});
