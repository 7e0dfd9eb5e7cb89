import { BlobServiceClient } from "@azure/storage-blob";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import type { Darkroom } from "../local/darkroom.ts";

/** One edit by each of the three roads, each checked by its pixels: nothing may change but what the mask leaves clear. */

const side = 1024;

interface EditedJob {
  id: string;
  status: string;
  error?: { message: string };
  images: { url: string; blob: string }[];
}

export interface Edit {
  road: string;
  file: string;
  job: string;
}

/** Makes three edits of a square picture, saves them to `out`, and says what is wrong with them. */
export async function makeEdits(
  darkroom: Darkroom,
  input: Buffer,
  out: string,
): Promise<{ edits: Edit[]; problems: string[] }> {
  const mask = await drawMask();
  const roads = { multipart, tickets, inbox };
  const edits: Edit[] = [];
  const problems: string[] = [];
  await writeFile(join(out, "edit-mask.png"), mask);
  for (const [road, travel] of Object.entries(roads)) {
    const { job, bytes } = await travel(darkroom, input, mask);
    const file = `edit-${road}.png`;
    await writeFile(join(out, file), bytes);
    edits.push({ road, file, job: job.id });
    // Only the simulator keeps to the mask by the pixel; a real model may touch up what lies around it.
    if (darkroom.simulator !== undefined) problems.push(...(await checkPixels(road, input, mask, bytes)));
    if (road === "multipart") await sharp(await sideBySide(input, mask, bytes)).toFile(join(out, "edit.png"));
  }
  return { edits, problems };
}

interface Travelled {
  job: EditedJob;
  bytes: Buffer;
}

/** Everything in one call. */
async function multipart({ url, key }: Darkroom, input: Buffer, mask: Buffer): Promise<Travelled> {
  const form = new FormData();
  form.append("prompt", "A hot-air balloon");
  form.append("image", new Blob([new Uint8Array(input)], { type: "image/png" }), "photo.png");
  form.append("mask", new Blob([new Uint8Array(mask)], { type: "image/png" }), "mask.png");
  const headers = { "api-key": key ?? "", prefer: "wait=120" };
  const job = await read<EditedJob>(
    await fetch(`${url}/api/images/edits`, { method: "POST", headers, body: form }),
  );
  return { job, bytes: await download(job) };
}

/** One call for links, then nothing but uploads: the edit starts by itself. */
async function tickets({ url, key }: Darkroom, input: Buffer, mask: Buffer): Promise<Travelled> {
  const headers = { "api-key": key ?? "", "content-type": "application/json" };
  const sample = { expects: ["image", "mask"], on_complete: { prompt: "A lighthouse" } };
  const answer = await fetch(`${url}/api/uploads`, { method: "POST", headers, body: JSON.stringify(sample) });
  const { uploads, job } = await read<{
    uploads: { method: string; url: string; headers: Record<string, string> }[];
    job: EditedJob;
  }>(answer);
  for (const [index, bytes] of [input, mask].entries()) {
    const ticket = uploads[index];
    if (!ticket) throw new Error("There are fewer tickets than files.");
    const { method, headers } = ticket;
    const put = await fetch(ticket.url, { method, headers, body: new Uint8Array(bytes) });
    if (!put.ok) throw new Error(`An upload was answered ${put.status}.`);
  }
  const ended = await until(async () => {
    const current = await read<EditedJob>(await fetch(`${url}/api/jobs/${job.id}`, { headers }));
    return ["queued", "running"].includes(current.status) ? undefined : current;
  });
  return { job: ended, bytes: await download(ended) };
}

/** No call at all: files are dropped, and a result appears. */
async function inbox({ storage }: Darkroom, input: Buffer, mask: Buffer): Promise<Travelled> {
  const blobs = BlobServiceClient.fromConnectionString(storage);
  const drop = (name: string, bytes: Buffer) =>
    blobs.getContainerClient("edit-inbox").getBlockBlobClient(name).uploadData(bytes);
  const sidecar = { prompt: "A paper boat", image: "demo.png", mask: "demo-mask.png" };
  await drop("demo.json", Buffer.from(JSON.stringify(sidecar)));
  await drop("demo.png", input);
  await drop("demo-mask.png", mask);
  const result = blobs.getContainerClient("edit-results").getBlobClient("demo.json");
  const job = await until(async () => {
    if (!(await result.exists())) return undefined;
    return JSON.parse((await result.downloadToBuffer()).toString()) as EditedJob;
  });
  const [container = "", ...name] = (job.images[0]?.blob ?? "").split("/");
  if (container === "") throw failed(job);
  return {
    job,
    bytes: await blobs.getContainerClient(container).getBlobClient(name.join("/")).downloadToBuffer(),
  };
}

async function read<T>(answer: Response): Promise<T> {
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < 240; round += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(500);
  }
  throw new Error("An edit did not end within two minutes.");
}

async function download(job: EditedJob): Promise<Buffer> {
  const [image] = job.images;
  if (!image) throw failed(job);
  return Buffer.from(await (await fetch(image.url)).arrayBuffer());
}

function failed({ status, error }: EditedJob): Error {
  return new Error(`An edit ended as ${status}: ${error?.message ?? "it has no image"}`);
}

/** Opaque, with one clear disc: where the picture is to be edited. */
function drawMask(): Promise<Buffer> {
  const disc = Buffer.from(`<svg width="${side}" height="${side}"><circle cx="620" cy="420" r="290"/></svg>`);
  return sharp({ create: { width: side, height: side, channels: 4, background: "#000000" } })
    .composite([{ input: disc, blend: "dest-out" }])
    .png()
    .toBuffer();
}

async function checkPixels(road: string, input: Buffer, mask: Buffer, result: Buffer): Promise<string[]> {
  const [before, clear, after] = await Promise.all(
    [input, mask, result].map((bytes) =>
      sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true }),
    ),
  );
  if (!before || !clear || !after) return [];
  if (before.info.width !== after.info.width || before.info.height !== after.info.height)
    return [`The edit by ${road} is of another size than its input.`];
  let outside = 0;
  let inside = 0;
  for (let at = 0; at < before.data.length; at += 4) {
    if (before.data.readUInt32BE(at) === after.data.readUInt32BE(at)) continue;
    if (clear.data[at + 3] === 255) outside += 1;
    else inside += 1;
  }
  return [
    ...(outside > 0 ? [`The edit by ${road} changed ${outside} pixels outside of the mask.`] : []),
    ...(inside === 0 ? [`The edit by ${road} changed nothing inside of the mask.`] : []),
  ];
}

/** Input, mask on a chequered ground, result: what README shows. */
async function sideBySide(input: Buffer, mask: Buffer, result: Buffer): Promise<Buffer> {
  const shown = 320;
  const gap = 16;
  const squares = Buffer.from(
    `<svg width="${side}" height="${side}"><defs><pattern id="p" width="64" height="64" patternUnits="userSpaceOnUse">` +
      `<rect width="64" height="64" fill="#fff"/><path d="M0 0h32v32H0zM32 32h32v32H32z" fill="#ccc"/></pattern></defs>` +
      `<rect width="100%" height="100%" fill="url(#p)"/></svg>`,
  );
  const seen = await sharp(squares)
    .composite([{ input: mask }])
    .png()
    .toBuffer();
  const small = await Promise.all(
    [input, seen, result].map((bytes) => sharp(bytes).resize(shown).png().toBuffer()),
  );
  return sharp({
    create: { width: 3 * shown + 2 * gap, height: shown, channels: 3, background: "#ffffff" },
  })
    .composite(small.map((bytes, index) => ({ input: bytes, left: index * (shown + gap), top: 0 })))
    .png({ palette: true })
    .toBuffer();
}
