import type { JobRecord, WebhookWish } from "../../src/records.ts";
import { aJob } from "./jobs.ts";

export const receiverUrl = "https://hooks.example/darkroom?token=s3cret";

export const aWish = (change: Partial<WebhookWish> = {}): WebhookWish => ({
  url: receiverUrl,
  events: ["job.succeeded", "job.failed", "job.canceled"],
  state: "due",
  ...change,
});

/** A job that has ended, and whose webhook is to be told. */
export const anEndedJob = (change: Partial<JobRecord> = {}): JobRecord =>
  aJob({
    status: "succeeded",
    startedAt: "2026-01-02T03:04:06.000Z",
    finishedAt: "2026-01-02T03:04:09.000Z",
    webhook: aWish(),
    ...change,
  });
