import { parseArgs } from "node:util";
import { type Counts, replay, runCampaign } from "./campaign.ts";
import { runBatches } from "./measures/batches.ts";
import { runDeletes } from "./measures/deletes.ts";
import { runHung } from "./measures/hung.ts";
import { runMemory } from "./measures/memory.ts";
import { runOutages } from "./measures/outages.ts";
import { runQuota } from "./measures/quota.ts";
import { Report } from "./report.ts";
import { startScript } from "../start-script.ts";

/**
 * `npm run faults`: breaks everything around the app, many times over, and says which promises that broke. Every run follows
 * from its seed; what a seed broke is replayed with `--seed`.
 */
const usage = `npm run faults -- [options]

  (nothing)        a quick cut of everything, about three minutes
  --long           the whole campaign: every single fault in every flow, 1,500 pairs, 200 kills and pauses,
                   100 runs with two processes of the app on one hub
  --only KIND      singles, pairs, kills or two
  --seed SEED      replays one run, as a failure names it
  --campaign N     another chance for pairs, kills and two; 1 by default
  --jobs N         runs at once on one stack; 12 by default
  --app DIR        another build of the app

  --outages        storage away for 60 s (--seconds N): what, how, when, on every protocol; a table
  --deletes        200 jobs of four pictures, deleted a moment after their end; what is left
  --hung           40 hung calls on one deployment; what they do to another model's job
  --quota          60 jobs wait for one pool on two processes, 20 kills, answers of storage lost (--kills N, --campaign N)
  --batches        a table of 200 prompts in generate-inbox on two processes, 10 kills, answers of storage lost; then again (--kills N)
  --memory         32 calls of ten 3 MB pictures: peak and makespan; --vs DIR measures another build as well
  --help`;

const quick: Counts = { singles: 60, pairs: 40, kills: 8, two: 12 };
const long: Counts = { singles: Infinity, pairs: 1_500, kills: 200, two: 100 };
const runsAtOnce = 12;
// Nearly all of their time is waiting.
const outagesAtOnce = 36;
const deletesAtOnce = 6;
const kinds = ["singles", "pairs", "kills", "two"] as const;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      long: { type: "boolean", default: false },
      only: { type: "string" },
      seed: { type: "string" },
      campaign: { type: "string", default: "1" },
      jobs: { type: "string" },
      app: { type: "string" },
      outages: { type: "boolean", default: false },
      seconds: { type: "string", default: "60" },
      deletes: { type: "boolean", default: false },
      hung: { type: "boolean", default: false },
      memory: { type: "boolean", default: false },
      quota: { type: "boolean", default: false },
      batches: { type: "boolean", default: false },
      kills: { type: "string" },
      vs: { type: "string" },
    },
  });
  const { only, seed, app } = values;
  if (only !== undefined && !kinds.some((kind) => kind === only)) return wrong(`There is no kind ${only}.`);
  const campaign = Number(values.campaign);
  const jobs = values.jobs === undefined ? undefined : Number(values.jobs);
  const seconds = Number(values.seconds);
  if (![campaign, jobs ?? 1, seconds].every((number) => Number.isInteger(number) && number > 0))
    return wrong("--campaign, --jobs and --seconds are whole numbers above 0.");
  const report = new Report();
  if (values.outages) await runOutages(seconds, jobs ?? outagesAtOnce, app, report);
  else if (values.deletes) await runDeletes(jobs ?? deletesAtOnce, app, report);
  else if (values.hung) await runHung(app, report);
  else if (values.quota) await runQuota(campaign, 60, Number(values.kills ?? 20), app, report);
  else if (values.batches) await runBatches(campaign, 200, Number(values.kills ?? 10), app, report);
  else if (values.memory) await runMemory(app, values.vs, report);
  else if (seed !== undefined) {
    if (!(await replay(seed, { app }, report))) return wrong(`${seed} is no seed.`);
  } else {
    const all = values.long ? long : quick;
    const counts = { ...all };
    for (const kind of kinds) if (only !== undefined && only !== kind) counts[kind] = 0;
    await runCampaign({ counts, campaign, concurrency: jobs ?? runsAtOnce, app }, report);
  }
  report.print();
  return report.isBroken ? 1 : 0;
}

function wrong(why: string): number {
  console.error(`${why}\n\n${usage}`);
  return 2;
}

startScript(usage);
process.exitCode = await main();
