import { tagOfId } from "../../src/domain/job-id.ts";
import { editsPost } from "../../src/functions/edits-post.ts";
import type { JobRecord } from "../../src/ports/records.ts";
import { sharpImageProcessor } from "../../src/adapters/storage/image-processor.ts";
import { type App, caller } from "./app.ts";
import { type Answer, type Sent, send } from "./http.ts";

export const edits = "/api/images/edits";

/** A form as a client encodes it; several values of a field make several parts. */
export async function aForm(
  fields: Record<string, string | Uint8Array | (string | Uint8Array)[]>,
): Promise<Sent> {
  const form = new FormData();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values].flat()) {
      form.append(name, typeof value === "string" ? value : new File([new Uint8Array(value)], "a.png"));
    }
  }
  const encoded = new Response(form);
  const type = encoded.headers.get("content-type") ?? "";
  return {
    path: edits,
    headers: { "content-type": type },
    body: new Uint8Array(await encoded.arrayBuffer()),
  };
}

export const asJson = (body: object, path = edits): Sent => ({
  path,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

type Dependencies = Parameters<typeof editsPost>[0];

/** With other parts than the app has in memory: the image processor that really decodes, unless said otherwise. */
export const editWith = (
  app: App,
  sent: Sent,
  change: Partial<Dependencies> = { imageProcessor: sharpImageProcessor },
): Promise<Answer> =>
  send(editsPost({ ...app, runner: () => app.runner, ...change }), {
    ...sent,
    headers: { "x-caller": caller, ...sent.headers },
  });

/** The only job that is recorded. */
export function onlyJob({ jobs }: App): JobRecord {
  const [job, ...more] = jobs.jobs.values();
  if (!job || more.length > 0) throw new Error(`${jobs.jobs.size} jobs are recorded`);
  return job;
}

/** Lays down an upload by ticket that has arrived. */
export function uploaded(app: App, bytes: Uint8Array, owner = caller): { upload_id: string } {
  const uploadId = app.ids.nextUpload(owner);
  app.uploads.drop(`uploads/${uploadId}`, bytes);
  return { upload_id: uploadId };
}

/** What an answer refuses, and all that came of the request besides: nothing, that is, but uploads by ticket. */
export function refusalOf(app: App, { status, json }: Answer) {
  const { error } = json as { error: { code: string; param?: string; message: string; allowed?: unknown[] } };
  const left = app.uploads.uploads.filter((name) => tagOfId("upload", name) === undefined);
  return { status, ...error, spent: [...app.jobs.jobs.keys(), ...app.runner.started, ...left] };
}
