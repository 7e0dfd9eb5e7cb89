import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Driving, Flow } from "./flow.ts";
import { idOf } from "./generations.ts";
import { pictureSpelling } from "./picture.ts";

const edit = { wanted: 1, perCall: 1, route: "edit", hasInputs: true } as const;

const tickets = z.looseObject({
  uploads: z.array(z.looseObject({ url: z.string(), headers: z.record(z.string(), z.string()) })),
  job: z.looseObject({ id: z.string() }),
});

/** An edit by each road that inputs may come. */
export const editFlows: Flow[] = [
  { name: "form", ...edit, start: byForm },
  { name: "upload", ...edit, waits: true, start: byUpload },
  { name: "inbox", ...edit, waits: true, start: byInbox },
];

const file = (bytes: Buffer) => new Blob([Uint8Array.from(bytes)], { type: "image/png" });

async function byForm({ client, scope, prompt, key }: Driving): Promise<string | undefined> {
  const form = new FormData();
  form.append("prompt", prompt);
  form.append("image", file(pictureSpelling(scope.token)), "input.png");
  form.append("mask", file(pictureSpelling(scope.token, "mask")), "mask.png");
  return idOf(
    await client.until([200, 202], "/api/images/edits", { method: "POST", headers: key, body: form }),
  );
}

async function byUpload({ client, scope, prompt, key }: Driving): Promise<string | undefined> {
  const reply = await client.postJson("/api/uploads", { expects: ["image"], on_complete: { prompt } }, key);
  if (!reply) return undefined;
  const { uploads, job } = tickets.parse(await reply.json());
  for (const { url, headers } of uploads) {
    let conflicts = 0;
    for (let tries = 0; tries < 100; tries += 1) {
      const put = await fetch(url, { method: "PUT", headers, body: file(pictureSpelling(scope.token)) }).then(
        ({ status }) => status,
        () => undefined,
      );
      // Twice 409: an earlier try whose answer was lost has created it. One may be a stray one.
      if (put === 409) conflicts += 1;
      if (put === 201 || conflicts > 1) break;
      await sleep(200);
    }
  }
  return job.id;
}

/** Nobody answers a drop: its job is known by what it writes. */
async function byInbox({ storage, scope, prompt, stack }: Driving): Promise<string | undefined> {
  await storage.drop("edit-inbox", `${scope.token}.png`, pictureSpelling(scope.token));
  const sidecar = JSON.stringify({ prompt, image: `${scope.token}.png` });
  await storage.drop("edit-inbox", `${scope.token}.json`, Buffer.from(sidecar));
  const end = Date.now() + stack.deadlineSeconds * 1000;
  while (Date.now() < end) {
    for (const id of scope.jobs) if (await storage.jobRow(id)) return id;
    await sleep(100);
  }
  return undefined;
}
