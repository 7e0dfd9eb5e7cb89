import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { storageClients } from "../../../src/adapters/storage/storage-clients.ts";
import { tableQuotaPools } from "../../../src/adapters/storage/quota-pool-store.ts";
import { RunScope } from "../proxy/run-scope.ts";
import type { Rule } from "../proxy/rule.ts";
import { Random } from "../random.ts";
import { type Report, tableOf } from "../report.ts";
import { startStack, type Stack } from "../stack/stack.ts";
import { ended, post } from "./post.ts";

const deployment = "dalle3";
const perMinute = 40;
const windowMs = 60_000;

/** Answers of storage that are lost after a pool's state was written. */
const lostWrites: Rule = {
  name: "a permit's answer is lost",
  match: { service: "table", kind: "write", place: "jobs", pattern: /PartitionKey='quota'/, chance: 0.1 },
  action: { kind: "lost" },
};

/**
 * Sixty jobs wait for one pool on two processes of the app, which are killed in turn while storage loses answers. The service
 * counts too: a permit that was used twice is a 429, one that was lost for good is a wait that doesn't end.
 */
export async function runQuota(
  seed: number,
  jobs: number,
  kills: number,
  app: string | undefined,
  report: Report,
): Promise<void> {
  const stack = await startStack({
    app,
    deadlineSeconds: 900,
    instances: 2,
    deployments: [[deployment, "dall-e-3"]],
    quota: { requests_per_minute: perMinute, max_parallel: 8 },
  });
  try {
    await limitService(stack);
    const scope = new RunScope("", seed, [lostWrites]);
    stack.scopes.everybody = scope;
    const random = new Random(seed);
    const started = performance.now();
    const image = { model: "dall-e-3", prompt: "A queue in the rain [[image-size=64x64 latency=2000]]" };
    const ids = await Promise.all(Array.from({ length: jobs }, () => post(stack, image)));
    const killing = (async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(random.between(500, 4_000));
        await stack.instances[kill % 2]?.kill();
      }
    })();
    const ends = await Promise.all(ids.map(async (id) => ended(stack, id)));
    await killing;
    stack.scopes.everybody = undefined;
    const seconds = (performance.now() - started) / 1_000;
    const calls = await callsOf(stack);
    const most = Math.max(
      ...calls.map(({ at }) => calls.filter((one) => one.at > at - windowMs && one.at <= at).length),
    );
    const { permits, waiting } = await poolOf(stack);
    const succeeded = ends.filter(({ status }) => status === "succeeded").length;
    const throttled = calls.filter(({ status }) => status === 429).length;
    const lost = scope.rules[0]?.struck ?? 0;
    const cells = [
      jobs,
      kills,
      lost,
      calls.length,
      succeeded,
      throttled,
      most,
      permits.length,
      Math.round(seconds),
    ].map(String);
    const heads = [
      "jobs",
      "kills",
      "answers lost",
      "calls",
      "succeeded",
      "429s",
      `most in a minute (≤ ${perMinute})`,
      "permits left",
      "seconds",
    ];
    console.log(tableOf(heads, [cells]));
    const hows = [
      ...(succeeded < jobs ? [`${jobs - succeeded} jobs did not succeed`] : []),
      ...(throttled > 0 ? [`${throttled} calls were turned away: permits were used twice`] : []),
      ...(permits.length + waiting.length > 0
        ? [`${permits.length} permits and ${waiting.length} lines are left`]
        : []),
    ];
    report.addEndState(
      "kills while jobs wait",
      hows.map((how) => ({ invariant: "no permit is lost or used twice", how })),
    );
  } finally {
    await stack.stop();
  }
}

async function limitService({ simulator }: Stack): Promise<void> {
  const body = JSON.stringify({ rate_limits: { [deployment]: { requests: perMinute, headers: false } } });
  const reply = await fetch(`${simulator}/simulator/settings`, { method: "PUT", body });
  if (!reply.ok) throw new Error(`The simulator took no limits: ${await reply.text()}`);
}

const ledger = z.looseObject({
  calls: z.array(z.looseObject({ route: z.string(), status: z.number().nullable(), started_at: z.number() })),
});

async function callsOf({ simulator }: Stack): Promise<{ status: number | null; at: number }[]> {
  const { calls } = ledger.parse(await (await fetch(`${simulator}/simulator/ledger`)).json());
  return calls.flatMap(({ route, status, started_at: at }) => (route === "generate" ? [{ status, at }] : []));
}

function poolOf({ storage }: Stack) {
  const { tables } = storageClients({ connectionString: storage }, () => {
    throw new Error("The emulator needs no identity.");
  });
  return tableQuotaPools(tables).read(deployment);
}
