import { fileURLToPath } from "node:url";
import { type Child, startChild } from "../../local/child.ts";
import { median, milliseconds } from "./numbers.ts";
import type { Stack } from "./stack.ts";
import type { Row } from "./table.ts";

const rounds = 50;
const warmUps = 10;

/**
 * How long a caller waits for its 202, against the sum of what accepting a job can't do without. All four are measured
 * in turn, round after round, so that whatever else this machine does falls on all of them alike.
 */
export async function measureAcceptLatency(stack: Stack, dataFolder: string): Promise<Row> {
  const floors = await startFloors(stack.darkroom.storage, dataFolder);
  try {
    const url = String(floors.ready["url"]);
    const bare: number[] = [];
    const insert: number[] = [];
    const start: number[] = [];
    const accept: number[] = [];
    for (let round = -warmUps; round < rounds; round += 1) {
      const measured = {
        bare: await clock(() => ask(`${url}/bare`)),
        insert: Number(await ask(`${url}/insert`)),
        start: Number(await ask(`${url}/start`)),
        accept: await acceptOne(stack),
      };
      if (round < 0) continue;
      bare.push(measured.bare);
      insert.push(measured.insert);
      start.push(measured.start);
      accept.push(measured.accept);
    }
    const parts = [bare, insert, start].map(median);
    const sum = parts.reduce((total, part) => total + part, 0);
    return {
      what: "accept latency: POST / bare call + insert + start",
      figures: `${milliseconds(median(accept))} / ${parts.map((part) => part.toFixed(1)).join(" + ")} ms`,
      ratio: median(accept) / sum,
      bound: 1.5,
    };
  } finally {
    await floors.stop();
  }
}

/** A second host, since the first runs the app as it is deployed and nothing else. */
function startFloors(storage: string, dataFolder: string): Promise<Child> {
  const app = fileURLToPath(new URL("floors-app", import.meta.url));
  return startChild("host/main.ts", {
    args: ["--app", app, "--port", "0", "--data", dataFolder],
    env: { ...process.env, FLOORS_STORAGE: storage },
  });
}

async function acceptOne(stack: Stack): Promise<number> {
  const started = performance.now();
  // Refused: the job is soon over, and no picture is drawn while the next call is timed.
  const { id } = await stack.post({ model: "dall-e-3", prompt: "A lighthouse [[refuse]]" });
  const took = performance.now() - started;
  await stack.ended(id);
  return took;
}

async function clock(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function ask(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.text();
}
