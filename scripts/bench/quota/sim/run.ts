import { admit } from "../../../../src/domain/quota/admission.ts";
import type { JobResult, RunResult } from "./result.ts";
import type { SharedPool } from "./shared-pool.ts";
import { runStep } from "./step.ts";
import { Mutex, type Owner, type Process, Signal } from "./virtual-clock.ts";
import type { SimJob, Workload } from "./workload.ts";
import { World } from "./world.ts";

// Orchestrations: they live on whatever is killed.
const durable: Owner = { isAlive: true };

/** Plays a workload to its end. */
export function simulate(workload: Workload): RunResult {
  const world = new World(workload);
  const { clock, result, services } = world;
  for (const job of workload.jobs) clock.at(job.arrivesAt, () => clock.spawn(accept(world, job), durable));
  for (const at of workload.kills) clock.at(at, () => world.kill());
  clock.run();
  result.calls.sort((a, b) => a.sentAt - b.sentAt);
  result.throttledAt = [...services.values()].flatMap(({ throttledAt }) => throttledAt);
  return result;
}

function* accept(world: World, job: SimJob): Process {
  const { clock, result } = world;
  const entry: JobResult = { job, admitted: true };
  result.jobs.push(entry);
  const [only, another] = world.candidates(job);
  if (!world.workload.naive && only && !another) yield* admitTo(world, world.pool(only.pool), entry);
  if (!entry.admitted) return;
  let open = job.lines;
  const done = new Signal();
  for (let line = 0; line < job.lines; line += 1) {
    clock.spawn(
      runLine(world, job, line, entry, () => {
        open -= 1;
        if (open === 0) done.open();
      }),
      durable,
    );
  }
  yield done;
  entry.endedAt = clock.now;
  result.endedAt = Math.max(result.endedAt, clock.now);
}

function* runLine(world: World, job: SimJob, line: number, entry: JobResult, over: () => void): Process {
  const { clock, random, workload } = world;
  let attempts = 0;
  for (let following = job.callsPerLine - 1; following >= 0; following -= 1) {
    const askedAt = clock.now;
    // What the call brings from step to step: where it waits, and whether it may have been sent there.
    const call = {
      waitsAt: undefined as string | undefined,
      doubtAt: undefined as string | undefined,
      rounds: 0,
    };
    for (;;) {
      attempts += 1;
      const outcome = yield* world.onSomeInstance((instance) =>
        runStep(world, {
          job,
          line: world.line(job, line, following),
          attempt: `${job.id}:${line}#${attempts}`,
          call,
          askedAt,
          entry,
          instance,
        }),
      );
      if (outcome.kind === "over") break;
      if (outcome.kind === "wait") call.waitsAt = outcome.deployment;
      else call.rounds += 1;
      // Durable timers: never early, up to a second late, and the work item's way to an instance.
      yield outcome.until + (workload.naive === "client" ? 0 : random.between(20, 1_200));
    }
  }
  over();
}

/** Where there is one place alone, the job is admitted there, or refused. */
function* admitTo(world: World, shared: SharedPool, entry: JobResult): Process {
  const { clock, random, instances, workload } = world;
  const { job } = entry;
  const lines = Array.from({ length: job.lines }, (_, line) => world.line(job, line, job.callsPerLine - 1));
  const deadline = clock.now + (workload.queueDeadlineMs ?? Infinity);
  const request = { lines, weight: world.weight(job), deadline };
  const mutex = random.pick(instances).mutexes.get(shared.name) ?? new Mutex();
  // What can't begin is refused by what was read: nothing is written.
  let admission = admit(shared.state, shared.limits, request, clock.now);
  if (admission.kind === "admitted")
    admission = yield* shared.change(mutex, (state, now) => {
      const decision = admit(state, shared.limits, request, now);
      return { state: decision.kind === "admitted" ? decision.state : state, decision };
    });
  entry.estimate = { startsAt: admission.startsAt, endsAt: admission.endsAt };
  entry.admitted = admission.kind === "admitted";
  if (admission.kind === "admitted") world.sinceOf.set(job.id, admission.since);
}
