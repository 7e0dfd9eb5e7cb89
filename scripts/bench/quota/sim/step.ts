import { ask, type AskDecision, leave } from "../../../../src/domain/quota/ask.ts";
import { choosePlace } from "../../../../src/domain/quota/placement.ts";
import type { CallLine } from "../../../../src/domain/quota/pool-state.ts";
import { type CallEnd, settle } from "../../../../src/domain/quota/settle.ts";
import { turnedAwayDelayMs } from "../../../../src/domain/throttle.ts";
import type { JobResult } from "./result.ts";
import type { SharedPool } from "./shared-pool.ts";
import type { Mutex, Process } from "./virtual-clock.ts";
import type { SimDeployment, SimJob } from "./workload.ts";
import type { Instance, World } from "./world.ts";

export type StepOutcome =
  | { kind: "wait"; until: number; deployment: string }
  | { kind: "again"; until: number }
  | { kind: "over" };

const permitMs = 10 * 60_000;
// The official client's (openai 7): two more tries, after what it is told, or after half a second and twice that.
const clientRetries = 2;
const clientMaxRetryAfterMs = 60_000;
const clientFirstDelayMs = 500;

/** A run of the step that sends a call. */
export interface StepInput {
  job: SimJob;
  line: CallLine;
  attempt: string;
  call: { waitsAt: string | undefined; doubtAt: string | undefined; rounds: number };
  askedAt: number;
  entry: JobResult;
  instance: Instance;
}

/** Takes a permit where the call starts soonest and sends it, or says when to come back. */
export function* runStep(world: World, input: StepInput): Process<StepOutcome> {
  const { workload, random, clock } = world;
  const { job, call } = input;
  const own: StepInput & { waiting?: StepOutcome & { kind: "wait" } } = {
    ...input,
    attempt: `${input.attempt}.${random.between(0, 2 ** 30)}`,
  };
  if (workload.naive) return yield* send(world, own, random.pick(world.candidates(job)), undefined);
  for (;;) {
    const places = world.places(job).filter(({ deployment }) => !call.doubtAt || deployment === call.doubtAt);
    yield clock.now + random.between(2, 12);
    const place = choosePlace(places, own.line, clock.now, call.waitsAt) ?? places[0];
    if (!place) throw new Error("A job without a place.");
    const deployment = world.deployment(place.deployment);
    // The second look is at what the first has read: it costs nothing.
    const current = own.waiting;
    if (current && current.deployment === deployment.name) return current;
    if (call.waitsAt !== undefined) yield* leavePool(world, own, call.waitsAt, deployment.pool);
    const decision = yield* askPool(world, own, deployment);
    // What all its looks are at was read at once.
    if (!current && decision.kind === "wait") world.result.requestsToWait += 1;
    if (decision.kind === "granted") {
      yield decision.permit.at;
      return yield* send(world, own, deployment, poolOf(world, own, deployment.pool));
    }
    call.waitsAt = deployment.name;
    own.waiting = { kind: "wait", until: decision.until, deployment: deployment.name };
  }
}

function poolOf(world: World, { instance }: StepInput, name: string): { shared: SharedPool; mutex: Mutex } {
  const mutex = instance.mutexes.get(name);
  if (!mutex) throw new Error("A pool without a mutex.");
  return { shared: world.pool(name), mutex };
}

/** Of a change that begins with what the step has read: a write each time, and a read where another instance came first. */
function requestsOf(rounds: number): number {
  return 2 * rounds - 1;
}

function* leavePool(world: World, input: StepInput, deployment: string, next: string): Process {
  const { pool } = world.deployment(deployment);
  if (pool === next) return;
  const { shared, mutex } = poolOf(world, input, pool);
  let rounds = 0;
  yield* shared.change(mutex, (state, now) => {
    rounds += 1;
    return { state: leave(state, input.line.id, now), decision: true };
  });
  world.result.requestsToWait += requestsOf(rounds);
}

function* askPool(world: World, input: StepInput, deployment: SimDeployment): Process<AskDecision> {
  const { result } = world;
  const { line, attempt, job } = input;
  const { shared, mutex } = poolOf(world, input, deployment.pool);
  result.asks += 1;
  let rounds = 0;
  const request = {
    line,
    weight: world.weight(job),
    deployment: deployment.name,
    attempt,
    permitMs,
  };
  const decision: AskDecision = yield* shared.change(mutex, (state, now) => {
    rounds += 1;
    return ask(state, shared.limits, request, now);
  });
  if (decision.kind === "wait") result.requestsToWait += requestsOf(rounds);
  return decision;
}

function* send(
  world: World,
  { job, line, attempt, call, askedAt, entry }: StepInput,
  deployment: SimDeployment,
  permit: { shared: SharedPool; mutex: Mutex } | undefined,
): Process<StepOutcome> {
  const { clock, random, result, sent, workload } = world;
  const service = world.service(deployment.pool);
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
  if (workload.naive === "client") {
    if (call.rounds === clientRetries) return { kind: "over" };
    const usual = clientFirstDelayMs * 2 ** call.rounds * (1 - random.next() / 4);
    return { kind: "again", until: clock.now + (asked > 0 && asked < clientMaxRetryAfterMs ? asked : usual) };
  }
  // With permits, the pool says when; without, the call itself must.
  return { kind: "again", until: permit ? clock.now : clock.now + turnedAwayDelayMs(asked, call.rounds) };
}
