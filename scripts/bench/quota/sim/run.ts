import { admit, estimateOf } from "../../../../src/domain/quota/admission.ts";
import { ask, type AskDecision, leave } from "../../../../src/domain/quota/ask.ts";
import { choosePlace, type Place } from "../../../../src/domain/quota/placement.ts";
import type { CallLine } from "../../../../src/domain/quota/pool-state.ts";
import { type CallEnd, settle } from "../../../../src/domain/quota/settle.ts";
import { throttleDelayMs } from "../../../../src/domain/throttle.ts";
import { Random } from "../../../faults/random.ts";
import { Service } from "./service.ts";
import { SharedPool } from "./shared-pool.ts";
import { Mutex, type Owner, type Process, Signal, VirtualClock } from "./virtual-clock.ts";
import type { SimDeployment, SimJob, Workload } from "./workload.ts";

export interface JobResult {
  job: SimJob;
  admitted: boolean;
  /** Estimates at its arrival. */
  estimate?: { startsAt: number; endsAt: number };
  startedAt?: number;
  endedAt?: number;
}

export interface CallResult {
  job: SimJob;
  askedAt: number;
  sentAt: number;
  deployment: string;
}

export interface RunResult {
  workload: Workload;
  jobs: JobResult[];
  /** Calls that brought images, in the order in which they were sent. */
  calls: CallResult[];
  throttledAt: number[];
  pools: SharedPool[];
  services: Map<string, Service>;
  /** Attempts that were sent more than once, and calls in doubt that were sent elsewhere: both must be none. */
  usedTwice: number;
  movedInDoubt: number;
  /** Calls whose answer a kill took away. */
  inDoubt: number;
  asks: number;
  /** Storage requests of asks that ended in a wait. */
  requestsToWait: number;
  endedAt: number;
}

interface Instance extends Owner {
  mutexes: Map<string, Mutex>;
  lost: (() => void)[];
}

type StepOutcome =
  | { kind: "wait"; until: number; deployment: string }
  | { kind: "again"; until: number }
  | { kind: "over" };

const permitMs = 10 * 60_000;

/** Plays a workload to its end. */
export function simulate(workload: Workload): RunResult {
  const clock = new VirtualClock();
  const random = new Random(workload.seed);
  const orchestrator: Owner = { isAlive: true };
  const services = new Map(
    workload.pools.map(({ name, service }) => [name, new Service(service, random)] as const),
  );
  const pools = new Map(
    workload.pools.map(
      (pool) => [pool.name, new SharedPool(pool, clock, random, workload.lostWrites)] as const,
    ),
  );
  const placeOf = new Map(workload.deployments.map((deployment) => [deployment.name, deployment] as const));
  const instances = Array.from({ length: workload.instances }, newInstance);
  const sent = new Set<string>();
  const sinceOf = new Map<string, number>();
  const result: RunResult = {
    workload,
    jobs: [],
    calls: [],
    throttledAt: [],
    pools: [...pools.values()],
    services,
    usedTwice: 0,
    movedInDoubt: 0,
    inDoubt: 0,
    asks: 0,
    requestsToWait: 0,
    endedAt: 0,
  };

  for (const job of workload.jobs) clock.at(job.arrivesAt, () => clock.spawn(accept(job), orchestrator));
  for (const at of workload.kills) clock.at(at, kill);
  clock.run();
  result.calls.sort((a, b) => a.sentAt - b.sentAt);
  result.throttledAt = [...services.values()].flatMap(({ throttledAt }) => throttledAt);
  return result;

  function newInstance(): Instance {
    return {
      isAlive: true,
      mutexes: new Map([...pools.keys()].map((name) => [name, new Mutex()])),
      lost: [],
    };
  }

  function kill(): void {
    const index = random.between(0, instances.length - 1);
    const victim = instances[index];
    if (!victim) return;
    victim.isAlive = false;
    const redeliverAt = clock.now + workload.visibilityMs;
    for (const lost of victim.lost) clock.at(redeliverAt, lost);
    instances[index] = newInstance();
  }

  function candidates(job: SimJob): SimDeployment[] {
    return workload.deployments.filter(
      ({ name, model }) => model === job.model && (job.deployment === undefined || job.deployment === name),
    );
  }

  function lineOf(job: SimJob, line: number, following: number): CallLine {
    const { caller, priority, images, model } = job;
    const since = sinceOf.get(job.id) ?? job.arrivesAt;
    return {
      id: `${job.id}:${line}`,
      caller,
      priority,
      images,
      since,
      following,
      work: `${model}|${images}`,
    };
  }

  function placesFor(job: SimJob): Place[] {
    return candidates(job).flatMap(({ name, pool }) => {
      const shared = pools.get(pool);
      if (!shared) return [];
      return [{ deployment: name, pool, state: shared.state, limits: shared.limits, weight: 1, cost: 1 }];
    });
  }

  function* accept(job: SimJob): Process {
    const entry: JobResult = { job, admitted: true };
    result.jobs.push(entry);
    if (!workload.isNaive && candidates(job).length === 1) {
      const [place] = placesFor(job);
      const shared = place && pools.get(place.pool);
      if (shared) {
        const lines = Array.from({ length: job.lines }, (_, line) => lineOf(job, line, job.callsPerLine - 1));
        const deadline = clock.now + (workload.queueDeadlineMs ?? Infinity);
        const weight = workload.weights[job.caller] ?? 1;
        const admission = admit(shared.state, shared.limits, { lines, weight, deadline }, clock.now);
        entry.estimate = { startsAt: admission.startsAt, endsAt: admission.endsAt };
        entry.admitted = admission.kind === "admitted";
        if (admission.kind === "refused") return;
        const mutex = random.pick(instances).mutexes.get(shared.name) ?? new Mutex();
        const asked = yield* shared.change(mutex, (state, now) => {
          const again = admit(state, shared.limits, { lines, weight, deadline }, now);
          return { state: again.kind === "admitted" ? again.state : state, decision: again };
        });
        const ids = lines.map(({ id }) => id);
        entry.estimate =
          asked.kind === "admitted" ? estimateOf(asked.state, shared.limits, ids, clock.now) : asked;
        entry.admitted = asked.kind === "admitted";
        if (asked.kind === "refused") return;
        sinceOf.set(job.id, asked.since);
      }
    }
    let open = job.lines;
    const done = new Signal();
    for (let line = 0; line < job.lines; line += 1) {
      clock.spawn(
        runLine(job, line, entry, () => {
          open -= 1;
          if (open === 0) done.open();
        }),
        orchestrator,
      );
    }
    yield done;
    entry.endedAt = clock.now;
    result.endedAt = Math.max(result.endedAt, clock.now);
  }

  function* runLine(job: SimJob, line: number, entry: JobResult, over: () => void): Process {
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
        const outcome = yield* onSomeInstance((instance) =>
          step({
            job,
            line: lineOf(job, line, following),
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
        yield outcome.until + random.between(20, 1_200);
      }
    }
    over();
  }

  /** Runs a step wherever there is a process; when that is killed, another runs it again, from the beginning. */
  function* onSomeInstance(run: (instance: Instance) => Process<StepOutcome>): Process<StepOutcome> {
    let outcome: StepOutcome | undefined;
    const done = new Signal();
    const deliver = () => {
      const instance = random.pick(instances);
      const lost = deliver;
      instance.lost.push(lost);
      function* running(): Process {
        yield clock.now + random.between(5, 40);
        outcome = yield* run(instance);
        instance.lost = instance.lost.filter((other) => other !== lost);
        done.open();
      }
      clock.spawn(running(), instance);
    };
    deliver();
    yield done;
    return outcome ?? { kind: "over" };
  }

  interface StepInput {
    job: SimJob;
    line: CallLine;
    attempt: string;
    call: { waitsAt: string | undefined; doubtAt: string | undefined; rounds: number };
    askedAt: number;
    entry: JobResult;
    instance: Instance;
  }

  function* step(input: StepInput): Process<StepOutcome> {
    const { job, call } = input;
    const own: StepInput & { told?: StepOutcome & { kind: "wait" } } = {
      ...input,
      attempt: `${input.attempt}.${random.between(0, 2 ** 30)}`,
    };
    if (workload.isNaive) return yield* send(own, random.pick(candidates(job)), undefined);
    for (;;) {
      const places = placesFor(job).filter(({ deployment }) => !call.doubtAt || deployment === call.doubtAt);
      yield clock.now + random.between(2, 12);
      const place = choosePlace(places, own.line, clock.now, call.waitsAt) ?? places[0];
      const deployment = place && placeOf.get(place.deployment);
      if (!deployment) throw new Error("A job without a place.");
      // What it was told by is true enough to wait by.
      const current = own.told;
      if (current && current.deployment === deployment.name) return current;
      if (call.waitsAt !== undefined) yield* leavePool(own, call.waitsAt, deployment.pool);
      const decision = yield* askPool(own, deployment, places.length);
      if (decision.kind === "granted") {
        yield decision.permit.at;
        return yield* send(own, deployment, poolOf(own, deployment.pool));
      }
      call.waitsAt = deployment.name;
      own.told = { kind: "wait", until: decision.until, deployment: deployment.name };
    }
  }

  function poolOf({ instance }: StepInput, name: string): { shared: SharedPool; mutex: Mutex } {
    const shared = pools.get(name);
    const mutex = instance.mutexes.get(name);
    if (!shared || !mutex) throw new Error("A deployment without a pool.");
    return { shared, mutex };
  }

  function* leavePool(input: StepInput, deployment: string, next: string): Process {
    const pool = placeOf.get(deployment)?.pool;
    if (pool === undefined || pool === next) return;
    const { shared, mutex } = poolOf(input, pool);
    yield* shared.change(mutex, (state, now) => ({
      state: leave(state, input.line.id, now),
      decision: true,
    }));
  }

  function* askPool(input: StepInput, deployment: SimDeployment, places: number): Process<AskDecision> {
    const { line, attempt, job } = input;
    const { shared, mutex } = poolOf(input, deployment.pool);
    result.asks += 1;
    let rounds = 0;
    const request = {
      line,
      weight: workload.weights[job.caller] ?? 1,
      deployment: deployment.name,
      attempt,
      permitMs,
    };
    const decision: AskDecision = yield* shared.change(mutex, (state, now) => {
      rounds += 1;
      return ask(state, shared.limits, request, now);
    });
    // Each round reads and writes; the places elsewhere were read as well.
    if (decision.kind === "wait") result.requestsToWait += 2 * rounds + places - 1;
    return decision;
  }

  function* send(
    { job, line, attempt, call, askedAt, entry }: StepInput,
    deployment: SimDeployment,
    permit: { shared: SharedPool; mutex: Mutex } | undefined,
  ): Process<StepOutcome> {
    const service = services.get(deployment.pool);
    if (!service) throw new Error("A deployment without a service.");
    yield clock.now + random.between(5, 300);
    if (sent.has(attempt)) result.usedTwice += 1;
    sent.add(attempt);
    if (call.doubtAt !== undefined) {
      result.inDoubt += 1;
      if (call.doubtAt !== deployment.name) result.movedInDoubt += 1;
    }
    const sentAt = clock.now;
    call.doubtAt = deployment.name;
    const reply = service.send(deployment.name, line.images, sentAt);
    let end: CallEnd;
    if (reply.kind === "images") {
      entry.startedAt ??= sentAt;
      yield sentAt + reply.durationMs;
      result.calls.push({ job, askedAt, sentAt, deployment: deployment.name });
      end = { kind: "answered", durationMs: reply.durationMs };
    } else {
      yield clock.now + random.between(5, 100);
      end = reply;
    }
    // Answered, turned away or not served: no doubt is left.
    call.doubtAt = undefined;
    if (permit)
      yield* permit.shared.change(permit.mutex, (state, now) => ({
        state: settle(state, { attempt, end }, now),
        decision: true,
      }));
    if (reply.kind === "images") return { kind: "over" };
    const asked = reply.kind === "throttled" ? (reply.retryAfterMs ?? 0) : 0;
    // With permits, the pool says when; without, the call itself must.
    return { kind: "again", until: permit ? clock.now : clock.now + throttleDelayMs(asked, call.rounds) };
  }
}
