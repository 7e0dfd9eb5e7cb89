import { fileURLToPath } from "node:url";
import { type Child, startChild } from "../../local/child.ts";
import { median, milliseconds } from "./numbers.ts";
import type { BenchSize } from "./size.ts";
import type { Stack } from "./stack.ts";
import type { Row } from "./table.ts";

// Refused: the job is soon over, and no picture is drawn while the next call is timed.
const sample = { model: "dall-e-3", prompt: "A lighthouse [[refuse]]" };

interface Round {
  bare: number;
  insert: number;
  start: number;
  accept: number;
}

/**
 * How long a caller waits for its 202, against the sum of what accepting a job can't do without. All four are measured
 * in turn, round after round, so that whatever else this machine does falls on all of them alike.
 */
export async function measureAcceptLatency(
  stack: Stack,
  dataFolder: string,
  { rounds, warmUps }: BenchSize["accept"],
): Promise<Row> {
  const floors = await startFloors(stack.darkroom.storage, dataFolder);
  try {
    const url = String(floors.ready["url"]);
    const measured: Round[] = [];
    for (let round = -warmUps; round < rounds; round += 1) {
      const one = {
        bare: await clock(() => ask(`${url}/bare`, stack.request(sample))),
        insert: Number(await ask(`${url}/insert`)),
        start: Number(await ask(`${url}/start`)),
        accept: await acceptOne(stack),
      };
      if (round >= 0) measured.push(one);
    }
    const typical = (pick: (round: Round) => number) => median(measured.map(pick));
    const accept = typical((round) => round.accept);
    // Added up round by round: noise only ever adds, so the sum of three medians is less than a median of sums.
    const floor = typical(({ bare, insert, start }) => bare + insert + start);
    const parts = [
      typical(({ bare }) => bare),
      typical(({ insert }) => insert),
      typical(({ start }) => start),
    ];
    return {
      what: "accept latency: POST / bare call + insert + start",
      figures: `${milliseconds(accept)} / ${milliseconds(floor)} (${parts.map((part) => part.toFixed(1)).join(" + ")})`,
      ratio: accept / floor,
      bound: 1.5,
    };
  } finally {
    await floors.stop();
  }
}

/** A second host, since the first runs the app as it is deployed and nothing else. */
function startFloors(storage: string, dataFolder: string): Promise<Child> {
  const app = fileURLToPath(new URL("floors-app", import.meta.url));
  return startChild("../packages/functions-host/src/main.ts", {
    args: ["--app", app, "--port", "0", "--data", dataFolder],
    env: { ...process.env, FLOORS_STORAGE: storage },
  });
}

async function acceptOne(stack: Stack): Promise<number> {
  const started = performance.now();
  const { id } = await stack.post(sample);
  const took = performance.now() - started;
  await stack.ended(id);
  return took;
}

async function clock(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function ask(url: string, request?: RequestInit): Promise<string> {
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.text();
}
