import * as z from "zod";
import { jobView, type JobView } from "../job-view.ts";
import { Client } from "../stack/client.ts";
import type { Stack } from "../stack/stack.ts";

/** Posts a generation and gives its job's id. Throws unless it is accepted. */
export async function post(stack: Stack, body: object): Promise<string> {
  const reply = await new Client(stack).postJson("/api/images/generations", body);
  if (!reply) throw new Error("A generation was not accepted.");
  return z.looseObject({ id: z.string() }).parse(await reply.json()).id;
}

/** Waits for a job's end. Throws when it takes longer than ten minutes. */
export async function ended(stack: Stack, id: string): Promise<JobView> {
  const job = await new Client(stack).ended(id, Date.now() + 600_000, () => undefined);
  return jobView.parse(job);
}

/** How long a job takes from its post to its end, in milliseconds. */
export async function timed(stack: Stack, body: object): Promise<number> {
  const started = performance.now();
  const job = await ended(stack, await post(stack, body));
  if (job.status !== "succeeded") throw new Error(`A job ended ${job.status}: ${job.error?.message ?? ""}`);
  return performance.now() - started;
}
