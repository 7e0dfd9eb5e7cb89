import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { pauseAfter } from "../support/polling.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { aPicture, put, tickets } from "../support/edits.ts";

/** Orchestrations that end without ending their job: anyone who runs the host can do that, and so can a crash. */

const darkroom = useDarkroom();

async function statusOf(instance: string): Promise<string> {
  const reply = await darkroom.fetchAsAdmin(`/runtime/webhooks/durabletask/instances/${instance}`);
  return ((await reply.json()) as { runtimeStatus: string }).runtimeStatus;
}

async function until(instance: string, status: string): Promise<void> {
  const start = performance.now();
  while ((await statusOf(instance)) !== status) await pauseAfter(start);
}

async function post(path: string, body?: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, ...(body !== undefined && { body }) };
  const reply = await darkroom.fetchAsAdmin(`/runtime/webhooks/durabletask/${path}`, init);
  expect(reply.status).toBe(202);
}

/** A job whose one call is under way, and whose orchestration is terminated then. */
async function terminated(prompt: string): Promise<string> {
  const words = `${prompt} [[latency=600000]]`;
  const { id } = await darkroom.accept({ model: "gpt-image-1", size: "1024x1024", prompt: words });
  while ((await darkroom.calls(prompt)).length === 0) await sleep(50);
  await post(`instances/${id}/terminate?reason=test`);
  await until(id, "Terminated");
  return id;
}

it("a job whose orchestration was terminated, or failed, is ended by what is stored", async () => {
  const [one, other] = await Promise.all([terminated("terminated"), terminated("failed")]);
  // Run anew without an input, it fails at its first line.
  await post(`orchestrators/image-job/${other}`, "null");
  await until(other, "Failed");
  for (const id of [one, other])
    expect(await darkroom.ended(id)).toMatchObject({
      status: "failed",
      images: [],
      failures: [{ index: 0, code: "internal" }],
    });
  // Nothing is bought for a job that has ended.
  for (const prompt of ["terminated", "failed"]) expect(await darkroom.calls(prompt)).toHaveLength(1);
});

it("a job one of whose batches failed keeps what its others bring, and then ends", async () => {
  const prompt = "one of two batches";
  const imageParams = { model: "dall-e-3", n: 2, size: "1024x1024", prompt: `${prompt} [[latency=5000]]` };
  const { id } = await darkroom.accept(imageParams);
  while ((await darkroom.calls(prompt)).length < 2) await sleep(50);
  await post(`instances/${id}-0/terminate?reason=test`);
  await until(`${id}-0`, "Terminated");
  const job = await darkroom.ended(id);
  expect(job.status).toBe("succeeded");
  expect(job.images.map(({ index }) => index)).toContain(1);
  expect(await darkroom.calls(prompt)).toHaveLength(2);
});

it("a job whose orchestration failed before anything was bought is started anew", async () => {
  const prompt = "begun anew";
  // Right after a round, so that none sees it running, when it would rest, or terminated, when it would be ended.
  const rounds = () => darkroom.log.split("Executed 'Functions.jobs-reconcile' (Succeeded").length;
  for (const before = rounds(); rounds() === before;) await sleep(50);
  const { job, uploads } = await tickets(darkroom, { expects: ["image"], on_complete: { prompt } });
  const id = job?.id ?? "";
  await post(`instances/${id}/terminate?reason=test`);
  await until(id, "Terminated");
  await post(`orchestrators/edit-job/${id}`, "null");
  await until(id, "Failed");
  const failed = performance.now();
  while ((await statusOf(id)) === "Failed") await pauseAfter(failed);
  expect(await put(uploads[0], await aPicture(61))).toBe(201);
  expect(await darkroom.ended(id)).toMatchObject({ status: "succeeded" });
  expect(await darkroom.calls(prompt)).toHaveLength(1);
});
