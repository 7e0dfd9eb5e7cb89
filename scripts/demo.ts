import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Darkroom, startDarkroom } from "../local/darkroom.ts";
import { makeEdits } from "./demo-edits.ts";
import { startScript } from "./start-script.ts";

startScript(`npm run demo      starts everything, makes pictures on each generation of models, edits one by each road,
                  saves all to out/, checks that links open, expire and can't be changed, and shows a job that waits for quota`);

/**
 * `npm run demo`: starts everything, makes pictures on each generation of models, edits one of them by each road, saves
 * all to out/, and checks that every link opens without credentials, and doesn't once it has expired or a character of it
 * is changed.
 */

const samples: {
  model: string;
  n: number;
  size: string;
  prompt: string;
  name?: string;
  quality?: string;
  style?: string;
}[] = [
  { model: "dall-e-2", n: 2, size: "512x512", prompt: "A badger wearing a tuxedo" },
  {
    model: "dall-e-3",
    n: 4,
    size: "1792x1024",
    quality: "hd",
    style: "vivid",
    prompt: "A multi-colored umbrella on the beach, disposable camera",
  },
  { model: "gpt-image-1", n: 2, size: "1024x1536", prompt: "Watercolor painting of the Seattle skyline" },
  { model: "gpt-image-1", n: 1, size: "1024x1024", prompt: "A calm sea at noon", name: "edit-input" },
];

interface JobReply {
  id: string;
  status: string;
  error?: { message: string };
  created_at: string;
  finished_at: string;
  /** While its turn hasn't come. */
  waiting?: { reason: string; until: string; position: number };
  images: {
    index: number;
    url: string;
    width: number;
    height: number;
    content_type: string;
    revised_prompt?: string;
  }[];
}

interface Row {
  model: string;
  size: string;
  ms: number;
  file: string;
  link: string;
  revised: string;
}

const out = fileURLToPath(new URL("../out", import.meta.url));
const problems: string[] = [];

await mkdir(out, { recursive: true });
// For api.http, which can't hold bytes.
await writeFile(
  join(out, "generation.json.gz"),
  gzipSync(JSON.stringify({ prompt: "A folded paper crane" })),
);
console.log("Starting storage, image service and host …");
const darkroom = await startDarkroom({ port: 0 });
try {
  const rows: Row[] = [];
  for (const sample of samples) rows.push(...(await make(darkroom, sample)));
  print(rows);
  for (const { link } of rows) await checkLink(link);
  console.log("Editing out/edit-input-0.png by form, by upload tickets and by the inbox …");
  const made = await makeEdits(darkroom, await readFile(join(out, "edit-input-0.png")), out);
  problems.push(...made.problems);
  for (const { road, file, job } of made.edits)
    console.log(`${road.padEnd(12)} ${join("out", file).padEnd(26)} ${job}`);
} finally {
  await darkroom.stop();
}
await checkBriefly();

const wanted = samples.reduce((sum, { n }) => sum + n, 0);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
} else {
  console.log(
    `\n${wanted} pictures and three edits saved in out/; out/edit.png shows input, mask and result. Each link was opened without\ncredentials, and not once it was changed or expired; the links ended with the demo's storage, the files stay.`,
  );
}

async function make({ url, key }: Darkroom, { name, ...sample }: (typeof samples)[number]): Promise<Row[]> {
  const job = await post(url, key ?? "", sample);
  if (job.status !== "succeeded" || job.images.length !== sample.n) {
    problems.push(
      `${sample.model}: ${job.images.length} of ${sample.n} pictures, ${job.status} ${job.error?.message ?? ""}`,
    );
  }
  const ms = Date.parse(job.finished_at) - Date.parse(job.created_at);
  return Promise.all(
    job.images.map(async (image) => {
      const size = `${image.width}x${image.height}`;
      if (size !== sample.size)
        problems.push(`${sample.model}: a picture of ${size} where ${sample.size} was asked`);
      const file = `${name ?? sample.model}-${image.index}.${image.content_type === "image/jpeg" ? "jpg" : "png"}`;
      const picture = await fetch(image.url);
      await writeFile(join(out, file), Buffer.from(await picture.arrayBuffer()));
      return { model: sample.model, size, ms, file, link: image.url, revised: image.revised_prompt ?? "" };
    }),
  );
}

async function post(url: string, key: string, body: object, prefer = "wait=120"): Promise<JobReply> {
  const headers = { "api-key": key, "content-type": "application/json", prefer };
  const reply = await fetch(`${url}/api/images/generations`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`);
  return (await reply.json()) as JobReply;
}

async function expectStatus(link: string, status: number, what: string): Promise<void> {
  const reply = await fetch(link);
  await reply.body?.cancel();
  if (reply.status !== status) problems.push(`${what} answered ${reply.status} instead of ${status}`);
}

async function checkLink(link: string): Promise<void> {
  await expectStatus(link, 200, "A link");
  const changed = link.replace(/sig=(.)/, (_, first: string) => `sig=${first === "A" ? "B" : "A"}`);
  await expectStatus(changed, 403, "A link with one character changed");
}

/** A second, short run whose links live two seconds, the quickest way to see one die, and whose quota one job uses up. */
async function checkBriefly(): Promise<void> {
  const brief = await startDarkroom({
    port: 0,
    settings: { LINK_TTL_HOURS: String(2 / 3600) },
    deployments: (place) => [{ ...place("dall-e-2", "dall-e-2"), requests_per_minute: 1 }],
  });
  try {
    const sample = { model: "dall-e-2", size: "256x256", prompt: "A mayfly" };
    const job = await post(brief.url, brief.key ?? "", sample);
    const link = job.images[0]?.url ?? "";
    await expectStatus(link, 200, "A fresh link");
    const { waiting } = await post(brief.url, brief.key ?? "", sample, "respond-async");
    if (waiting) console.log(`\nOne more than its quota waits: ${JSON.stringify(waiting)}`);
    if (waiting?.reason !== "quota") problems.push("A job beyond the quota doesn't say that it waits");
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await expectStatus(link, 403, "An expired link");
  } finally {
    await brief.stop();
  }
}

function print(rows: readonly Row[]): void {
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => cell.padEnd([12, 10, 6, 22][at] ?? 0)).join(" ");
  console.log(line(["model", "size", "ms", "file", "revised prompt, link"]));
  for (const { model, size, ms, file, revised, link } of rows) {
    console.log(line([model, size, String(ms), `out/${file}`, revised || "(the service tells none)"]));
    console.log(`  ${link}`);
  }
}
