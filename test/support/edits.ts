import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { BlobServiceClient, type BlockBlobClient } from "@azure/storage-blob";
import { QueueServiceClient } from "@azure/storage-queue";
import sharp from "sharp";
import type { ErrorReply, Job, UploadTickets } from "../../src/contracts/http-api.ts";
import type { LiveDarkroom } from "./darkroom.ts";

/** Edits over the wire: pictures to send, forms and files to send them in, and what became of them. */

export const side = 1024;
export const square = `${side}x${side}`;

/** A picture of this size, no two of them the same. */
export async function aPicture(hue: number, { width = side, height = side } = {}): Promise<Buffer> {
  const background = { r: hue % 256, g: (hue * 7) % 256, b: 128 };
  const spot = { width: width >> 2, height: height >> 3, channels: 3 as const };
  const overlay = await sharp({ create: { ...spot, background: "white" } })
    .png()
    .toBuffer();
  return sharp({ create: { width, height, channels: 3, background } })
    .composite([{ input: overlay, left: width >> 3, top: height >> 3 }])
    .png()
    .toBuffer();
}

/** What the mask leaves clear, in pixels of a picture of the usual size. */
const hole = { left: 600, top: 500, width: 300, height: 400 };

export async function aMask({ width = side, height = side } = {}): Promise<Buffer> {
  const clear = await sharp({
    create: { width: hole.width, height: hole.height, channels: 4, background: "white" },
  })
    .png()
    .toBuffer();
  return sharp({ create: { width, height, channels: 4, background: "#000" } })
    .composite([{ input: clear, left: hole.left, top: hole.top, blend: "dest-out" }])
    .png()
    .toBuffer();
}

export function isInHole(x: number, y: number): boolean {
  const [right, bottom] = [hole.left + hole.width, hole.top + hole.height];
  return x >= hole.left && x < right && y >= hole.top && y < bottom;
}

/** Pixels that differ between two pictures of one size, inside the mask's hole and outside of it. */
export async function differences(one: Uint8Array, other: Uint8Array) {
  const [a, b] = await Promise.all([one, other].map(rawPixels));
  if (!a || a.length !== b?.length) throw new Error("The pictures are not of one size.");
  const differing = { inside: 0, outside: 0 };
  for (let at = 0; at < a.length; at += 4) {
    if (a.readUInt32BE(at) === b.readUInt32BE(at)) continue;
    const pixel = at / 4;
    differing[isInHole(pixel % side, Math.floor(pixel / side)) ? "inside" : "outside"] += 1;
  }
  return differing;
}

async function rawPixels(bytes: Uint8Array): Promise<Buffer> {
  return sharp(bytes).ensureAlpha().raw().toBuffer();
}

export interface EditForm {
  images: Uint8Array[];
  mask?: Uint8Array;
  fields: Record<string, string>;
  /** What each image's part is called, and its file. */
  imagePart?: string;
  fileName?: string;
}

/** A form as browsers and SDKs send it. */
export function formOf({ images, mask, fields, imagePart = "image[]", fileName }: EditForm): FormData {
  const form = new FormData();
  for (const [name, text] of Object.entries(fields)) form.append(name, text);
  images.forEach((bytes, index) => form.append(imagePart, pngFile(bytes), fileName ?? `${index}.png`));
  if (mask) form.append("mask", pngFile(mask), "mask.png");
  return form;
}

function pngFile(bytes: Uint8Array): Blob {
  return new Blob([Uint8Array.from(bytes)], { type: "image/png" });
}

type Body = EditForm | object;

export async function postEdit(darkroom: LiveDarkroom, body: Body, headers: Record<string, string> = {}) {
  if ("fields" in body) {
    const form = formOf(body);
    return darkroom.fetch("/api/images/edits", { method: "POST", headers, body: form });
  }
  return darkroom.postJson("/api/images/edits", body, headers);
}

/** Posts, and throws unless the job is accepted. */
export async function acceptEdit(darkroom: LiveDarkroom, body: Body): Promise<Job> {
  const reply = await postEdit(darkroom, body);
  if (reply.status !== 202) throw new Error(`${reply.status}: ${await reply.text()}`);
  return (await reply.json()) as Job;
}

export async function runEdit(darkroom: LiveDarkroom, body: Body): Promise<Job> {
  return darkroom.ended((await acceptEdit(darkroom, body)).id);
}

export async function refusedEdit(darkroom: LiveDarkroom, body: Body) {
  const reply = await postEdit(darkroom, body);
  return { status: reply.status, ...((await reply.json()) as ErrorReply).error };
}

/** Asks for tickets, and throws unless they are given. */
export async function tickets(darkroom: LiveDarkroom, body: object): Promise<UploadTickets> {
  const reply = await darkroom.postJson("/api/uploads", body);
  if (reply.status !== 201) throw new Error(`${reply.status}: ${await reply.text()}`);
  return (await reply.json()) as UploadTickets;
}

export type Ticket = UploadTickets["uploads"][number];

export async function put(ticket: Ticket | undefined, bytes: Uint8Array): Promise<number> {
  if (!ticket) throw new Error("There is no such ticket.");
  const { url, method, headers } = ticket;
  const reply = await fetch(url, { method, headers, body: Uint8Array.from(bytes) });
  await reply.arrayBuffer();
  return reply.status;
}

/** Hashes of the files of the last call with this prompt, as the service received them. */
export async function sentFiles(darkroom: LiveDarkroom, prompt: string) {
  const { parts = [] } = (await darkroom.calls(prompt)).at(-1) ?? {};
  const hashes = (name: string) => parts.filter((part) => part.name === name).map((part) => part.sha256);
  return { images: hashes("image[]"), masks: hashes("mask") };
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export async function download(url: string | undefined): Promise<Buffer> {
  const reply = await fetch(url ?? "");
  if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`);
  return Buffer.from(await reply.arrayBuffer());
}

/** The storage account, as a producer or an operator sees it. */
export function storageOf(darkroom: LiveDarkroom) {
  const service = BlobServiceClient.fromConnectionString(darkroom.running.storage);
  const blob = (container: string, name: string) =>
    service.getContainerClient(container).getBlockBlobClient(name);
  return {
    blob,
    async names(container: string, prefix = ""): Promise<string[]> {
      const client = service.getContainerClient(container);
      if (!(await client.exists())) return [];
      const names: string[] = [];
      for await (const { name } of client.listBlobsFlat({ prefix })) names.push(name);
      return names;
    },
    async drop(name: string, content: Uint8Array | string, metadata: Record<string, string> = {}) {
      await service.getContainerClient("edit-inbox").createIfNotExists();
      const bytes = Buffer.from(content);
      return (await blob("edit-inbox", name).upload(bytes, bytes.length, { metadata })).etag;
    },
  };
}

/** The inbox, as its producers see it; and the host's ways of telling what arrived there. */
export function inboxOf(darkroom: LiveDarkroom) {
  const storage = storageOf(darkroom);
  const { blob } = storage;
  const queues = QueueServiceClient.fromConnectionString(darkroom.running.storage);
  const poison = queues.getQueueClient("webjobs-blobtrigger-poison");
  return {
    drop: (...file: Parameters<typeof storage.drop>) => storage.drop(...file),
    /** Drops a file, and sees to it that the host hears of it. */
    async hand(...file: Parameters<typeof storage.drop>): Promise<void> {
      await storage.drop(...file);
      if (!darkroom.looksForBlobs) await this.notify(file[0]);
    },
    /** A blob by its container and name, as results name images. */
    async read(path: string): Promise<Buffer> {
      const [container = "", ...name] = path.split("/");
      return blob(container, name.join("/")).downloadToBuffer();
    },
    /** How the drop of that name ended, once it has. */
    async result(name: string): Promise<unknown> {
      const file = blob("edit-results", name);
      for (let round = 0; round < 450; round += 1) {
        if (await file.exists()) return JSON.parse((await file.downloadToBuffer()).toString("utf8"));
        await sleep(200);
      }
      throw new Error(`There is no edit-results/${name}.`);
    },
    /** Tells of a file as Event Grid does: a played event, since no emulator sends one. */
    async notify(name: string, eTag?: string): Promise<void> {
      const written = blob("edit-inbox", name);
      const event = blobCreated(written, eTag ?? (await written.getProperties()).etag ?? "");
      const target = "functionName=Host.Functions.edit-inbox-created";
      const reply = await darkroom.fetchAsAdmin(`/runtime/webhooks/blobs?${target}`, {
        method: "POST",
        headers: { "content-type": "application/json", "aeg-event-type": "Notification" },
        body: JSON.stringify([event]),
      });
      if (reply.status !== 202) throw new Error(`The event was answered ${reply.status}.`);
    },
    /** Gives a file up, as the host does after five tries. */
    async poison(name: string): Promise<void> {
      const message = { Type: "BlobTrigger", ContainerName: "edit-inbox", BlobName: name, ETag: "0x0" };
      await poison.createIfNotExists();
      await poison.sendMessage(Buffer.from(JSON.stringify(message)).toString("base64"));
    },
    /** How many given-up files are still waiting to be told. */
    async poisoned(): Promise<number> {
      await poison.createIfNotExists();
      return (await poison.getProperties()).approximateMessagesCount ?? 0;
    },
  };
}

/** What Event Grid tells of a blob that was written (schema of Azure Blob Storage as an Event Grid source). */
function blobCreated({ url, name, containerName }: BlockBlobClient, eTag: string): object {
  return {
    id: randomUUID(),
    topic: "/subscriptions/none/resourceGroups/none/providers/Microsoft.Storage/storageAccounts/none",
    subject: `/blobServices/default/containers/${containerName}/blobs/${name}`,
    eventType: "Microsoft.Storage.BlobCreated",
    eventTime: new Date().toISOString(),
    dataVersion: "",
    metadataVersion: "1",
    // Without the quotes that it has in headers.
    data: { api: "PutBlob", blobType: "BlockBlob", eTag: eTag.replaceAll('"', ""), url },
  };
}

/** Kills the host outright, and waits until it is back. */
export async function killHost(darkroom: LiveDarkroom): Promise<void> {
  const before = darkroom.running.hostPid();
  process.kill(before, "SIGKILL");
  while (darkroom.running.hostPid() === before || !(await isAnswering(darkroom))) await sleep(20);
}

async function isAnswering(darkroom: LiveDarkroom): Promise<boolean> {
  return darkroom.fetch("/api/health").then(
    ({ ok }) => ok,
    () => false,
  );
}
