import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startDarkroom } from "../local/darkroom.ts";
import {
  readFormerGenerations,
  readRecordedInstances,
  type RecordedInstance,
} from "../packages/functions-host/src/durable/journal.ts";
import { deliveryIdOf } from "../src/domain/webhook.ts";
import { editScenarios, neverArrived } from "./record-edit-histories.ts";
import { recordCallback, openReceiver, recordWebhook } from "./record-webhook-histories.ts";
import { startScript } from "./start-script.ts";

startScript(
  `npm run record-histories [-- BEGINNING]  records the durable histories that tests replay, or those alone whose names begin so`,
);

/**
 * Runs one job of each kind and writes down their durable histories. Tests replay them on today's orchestrations: a
 * change that would break jobs that are under way fails there first. Recorded anew only when an orchestration gets a
 * new name; old recordings stay as long as jobs of that name may run. `npm run record-histories -- edit-` records those
 * alone whose names begin so.
 */
const scenarios: Record<string, object> = {
  "one-image": { model: "dall-e-3" },
  "three-at-once": { model: "dall-e-3", n: 3 },
  "throttled-twice": { model: "dall-e-3", words: "[[429=1 times=2]]" },
  "one-refused": { model: "dall-e-3", n: 3, words: "[[refuse nth=2]]" },
  "all-refused": { model: "dall-e-3", n: 2, words: "[[refuse]]" },
  "retried-once": { model: "dall-e-3", words: "[[502 times=1]]" },
  "retries-spent": { model: "dall-e-3", words: "[[502]]" },
  "interleaved-retries": { model: "dall-e-3", n: 3, words: "[[500 nth=1]] [[429=1 nth=2]]" },
  "account-blocked": { model: "dall-e-3", n: 2, words: "[[403]]" },
  "quota-gone": { model: "dall-e-3", words: "[[429=86400]]" },
  "many-in-one-call": { model: "gpt-image-1", n: 4 },
  "operation-polled": { model: "dall-e-2", n: 2, size: "256x256", words: "[[latency=2500]]" },
  "operation-failed": { model: "dall-e-2", size: "256x256", words: "[[operation=failed]]" },
  "operation-throttled": { model: "dall-e-2", size: "256x256", words: "[[429=1 times=1]]" },
  "poll-retried": { model: "dall-e-2", size: "256x256", words: "[[500 on=poll times=1]]" },
};

const [beginning = ""] = process.argv.slice(2);
const chosen = <T>(all: Record<string, T>) =>
  Object.entries(all).filter(([name]) => name.startsWith(beginning));

const folder = fileURLToPath(new URL("../test/fixtures/histories", import.meta.url));
const data = await mkdtemp(join(tmpdir(), "darkroom-histories-"));
const receiver = await openReceiver();
const darkroom = await startDarkroom({
  port: 0,
  data,
  simulatorArgs: ["--latency-scale", "0.1"],
  settings: { URL_ALLOWLIST: receiver.url },
});
const headers = { "api-key": darkroom.key ?? "", "content-type": "application/json" };
const ids = new Map<string, string>();
try {
  for (const [name, scenario] of chosen(scenarios)) {
    const { words = "", ...sample } = scenario as { words?: string };
    const body = JSON.stringify({ ...sample, prompt: `${name} ${words}` });
    const reply = await fetch(`${darkroom.url}/api/images/generations`, { method: "POST", headers, body });
    ids.set(name, ((await reply.json()) as { id: string }).id);
  }
  for (const [name, run] of chosen(editScenarios)) ids.set(name, await run(darkroom, name));
  for (const [name] of chosen({ "webhook-delivered": undefined }))
    ids.set(name, await recordWebhook(darkroom, name, receiver.url));
  for (const [name] of chosen({ "callback-delivered": undefined }))
    ids.set(name, await recordCallback(darkroom, name, receiver));
  for (const id of ids.values()) {
    const isRunning = async () =>
      (await fetch(`${darkroom.url}/api/jobs/${id}/result`, { headers })).status === 202;
    while (await isRunning()) await sleep(200);
  }
  await sleep(2_000); // thumbnails come after the end
} finally {
  await darkroom.stop();
  receiver.close();
}

const journal = join(data, "host", "durable");
const written = ({ header, history }: RecordedInstance) => {
  const { name, id, status } = header;
  return { name, id, status, history };
};
const recorded = [
  ...readFormerGenerations(journal).map((each) => ({ ...written(each), status: "ContinuedAsNew" })),
  ...readRecordedInstances(journal).map(written),
];
for (const [scenario, id] of ids) {
  await keep(
    scenario,
    recorded.filter((each) => [id, deliveryIdOf(id)].some((beginning) => each.id.startsWith(beginning))),
  );
}
for (const [scenario, run] of chosen({ "edit-never-arrived": neverArrived }))
  await keep(scenario, await run());
await rm(data, { recursive: true });

async function keep(
  scenario: string,
  instances: { name: string; history: readonly object[] }[],
): Promise<void> {
  await writeFile(join(folder, `${scenario}.json`), `${JSON.stringify({ scenario, instances }, null, 1)}\n`);
  console.log(
    `${scenario}: ${instances.map(({ name, history }) => `${name} (${history.length})`).join(", ")}`,
  );
}
