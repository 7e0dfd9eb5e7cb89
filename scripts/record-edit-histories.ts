import { BlobServiceClient } from "@azure/storage-blob";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import type { Darkroom } from "../local/darkroom.ts";
import { orchestrations } from "../src/contracts/workflow.ts";
import { errorInfo } from "../src/domain/app-error.ts";
import { runEditJob } from "../test/support/image-job-run.ts";

/** Edits that wait for their inputs, by what became of these. Each returns its job's id. */
export const editScenarios: Record<string, (darkroom: Darkroom, name: string) => Promise<string>> = {
  "edit-ready-at-once": async (darkroom, name) => {
    await drop(darkroom, `${name}.png`, await picture(), { prompt: name });
    return idOfResult(darkroom, name);
  },
  "edit-waiting-then-ready": async ({ url, key }, name) => {
    const headers = { "api-key": key ?? "", "content-type": "application/json" };
    const body = JSON.stringify({ on_complete: { prompt: name, n: 2 } });
    const answer = await fetch(`${url}/api/uploads`, { method: "POST", headers, body });
    const { uploads, job } = (await answer.json()) as {
      uploads: { method: string; url: string; headers: Record<string, string> }[];
      job: { id: string };
    };
    await sleep(5_000);
    for (const { url: link, ...request } of uploads)
      await fetch(link, { ...request, body: new Uint8Array(await picture()) });
    return job.id;
  },
  "edit-refused": async (darkroom, name) => {
    await drop(darkroom, `${name}.txt`, Buffer.from("This is no picture, whatever it is called."));
    await drop(darkroom, `${name}.json`, Buffer.from(JSON.stringify({ prompt: name, image: `${name}.txt` })));
    return idOfResult(darkroom, name);
  },
};

/** Ten minutes in vain, which nobody waits for: the same engine in virtual time. */
export async function neverArrived() {
  const failure = errorInfo("expired", 'image "a.png" did not arrive in time.');
  const { hub } = await runEditJob(
    { jobId: "job_never", publishes: true },
    { gatherInputs: ({ isLast }) => (isLast ? { kind: "refused", failure } : { kind: "waiting" }) },
  );
  const id = "job_never";
  const { runtimeStatus: status } = hub.statusOf(id);
  return [{ name: orchestrations.editJob, id, status, history: hub.engine.history(id) }];
}

const picture = async () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: "#cc5511" } })
    .png()
    .toBuffer();

async function drop(
  { storage }: Darkroom,
  blob: string,
  bytes: Buffer,
  metadata: Record<string, string> = {},
): Promise<void> {
  const inbox = BlobServiceClient.fromConnectionString(storage).getContainerClient("edit-inbox");
  await inbox.createIfNotExists();
  await inbox.getBlockBlobClient(blob).uploadData(bytes, { metadata });
}

/** The producer knows no id: its result's tells. */
async function idOfResult({ storage }: Darkroom, name: string): Promise<string> {
  const results = BlobServiceClient.fromConnectionString(storage).getContainerClient("edit-results");
  const result = results.getBlobClient(`${name}.json`);
  while (!(await result.exists())) await sleep(200);
  return (JSON.parse((await result.downloadToBuffer()).toString()) as { id: string }).id;
}
