import { setTimeout as sleep } from "node:timers/promises";
import { BlobServiceClient } from "@azure/storage-blob";
import * as z from "zod";
import { RunScope } from "../proxy/run-scope.ts";
import type { Rule } from "../proxy/rule.ts";
import { Random } from "../random.ts";
import { type Report, tableOf } from "../report.ts";
import { startStack, type Stack } from "../stack/stack.ts";
import { StorageView } from "../stack/storage-view.ts";

/** Answers of storage that are lost after a batch's record was written. */
const lostWrites: Rule = {
  name: "a batch's answer is lost",
  match: { service: "blob", kind: "write", place: "batches", chance: 0.1 },
  action: { kind: "lost" },
};
const file = "table.csv";
const maxWaitMs = 600_000;
/** A line in ten asks for more images than there may be. */
const isBad = (at: number) => at % 10 === 3;

const manifest = z.looseObject({
  created_at: z.string(),
  items: z.array(
    z.looseObject({
      line: z.number(),
      status: z.string(),
      job_id: z.string().optional(),
      error: z.looseObject({ param: z.string().optional() }).optional(),
      job: z.looseObject({ repeated_calls: z.number().optional() }).optional(),
    }),
  ),
});
type Manifest = z.infer<typeof manifest>;

/**
 * A table of prompts that a plain storage client drops, while two processes of the app are killed in turn and storage loses
 * answers; then the same file again.
 */
export async function runBatches(
  seed: number,
  lines: number,
  kills: number,
  app: string | undefined,
  report: Report,
): Promise<void> {
  const stack = await startStack({ app, deadlineSeconds: 900, instances: 2 });
  try {
    const scope = new RunScope("", seed, [lostWrites]);
    stack.scopes.everybody = scope;
    const random = new Random(seed);
    const started = performance.now();
    const rows = Array.from({ length: lines }, (_, at) =>
      [`Row ${at} of a table [[image-size=64x64]]`, "dall-e-3", isBad(at) ? 99 : 1].join(","),
    );
    const csv = Buffer.from(`prompt,model,n\n${rows.join("\n")}\n`);
    const storage = new StorageView(stack.storage);
    await storage.drop("generate-inbox", file, csv);
    const killing = (async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(random.between(500, 4_000));
        await stack.instances[kill % 2]?.kill();
      }
    })();
    const first = await manifestAfter(stack);
    await killing;
    stack.scopes.everybody = undefined;
    const seconds = (performance.now() - started) / 1_000;
    const billed = await billedBy(stack);
    await storage.drop("generate-inbox", file, csv);
    const second = await manifestAfter(stack, first.created_at);
    const billedAgain = (await billedBy(stack)) - billed;

    const made = first.items.filter(({ status }) => status === "succeeded");
    const refused = first.items.filter(({ status, error }) => status === "refused" && error?.param === "n");
    const repeated = made.reduce((sum, { job }) => sum + (job?.repeated_calls ?? 0), 0);
    const figures = { lines, kills, "answers lost": scope.rules[0]?.struck ?? 0, made: made.length };
    const more = { refused: refused.length, billed, repeated, "billed by the re-drop": billedAgain };
    const cells = { ...figures, ...more, seconds: Math.round(seconds) };
    console.log(tableOf(Object.keys(cells), [Object.values(cells).map(String)]));

    const bad = rows.filter((_, at) => isBad(at)).length;
    const isOrdered = first.items.every(({ line }, at) => line === at + 2) && first.items.length === lines;
    const jobsOf = ({ items }: Manifest) => items.map(({ job_id }) => job_id).join();
    const hows = [
      ...(isOrdered ? [] : ["the manifest isn't the lines in their order"]),
      ...(made.length === lines - bad ? [] : [`${made.length} of ${lines - bad} lines were made`]),
      ...(refused.length === bad ? [] : [`${refused.length} of ${bad} bad lines were refused by name`]),
      ...(billed <= made.length + repeated ? [] : [`${billed} images were billed for ${made.length}`]),
      ...(billedAgain === 0 ? [] : [`the same file again was billed ${billedAgain} images`]),
      ...(jobsOf(second) === jobsOf(first) ? [] : ["the same file again has other jobs"]),
    ];
    report.addEndState(
      "kills while a batch runs",
      hows.map((how) => ({ invariant: "each line of a batch is one job and one bill", how })),
    );
  } finally {
    await stack.stop();
  }
}

/** The file's manifest, once there is one that is newer. */
async function manifestAfter({ storage }: Stack, previous?: string): Promise<Manifest> {
  const blobs = BlobServiceClient.fromConnectionString(storage);
  const blob = blobs.getContainerClient("generate-results").getBlobClient(file.replace(/csv$/, "json"));
  const end = Date.now() + maxWaitMs;
  while (Date.now() < end) {
    const found = (await blob.exists()) && manifest.parse(JSON.parse(String(await blob.downloadToBuffer())));
    if (found && found.created_at !== previous) return found;
    await sleep(500);
  }
  throw new Error("There is no manifest.");
}

const ledger = z.looseObject({ totals: z.looseObject({ images_billed: z.number() }) });

async function billedBy({ simulator }: Stack): Promise<number> {
  const { totals } = ledger.parse(await (await fetch(`${simulator}/simulator/ledger`)).json());
  return totals.images_billed;
}
