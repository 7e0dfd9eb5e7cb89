import type { Place } from "../../../../src/domain/quota/placement.ts";
import type { CallLine } from "../../../../src/domain/quota/pool-state.ts";
import { Random } from "../../../faults/random.ts";
import type { RunResult } from "./result.ts";
import { Service } from "./service.ts";
import { SharedPool } from "./shared-pool.ts";
import { Mutex, type Owner, type Process, Signal, VirtualClock } from "./virtual-clock.ts";
import type { SimDeployment, SimJob, Workload } from "./workload.ts";

/** One process of the app. */
export interface Instance extends Owner {
  mutexes: Map<string, Mutex>;
  /** What is to be run again elsewhere when it is killed. */
  lost: (() => void)[];
}

/** What a workload is played in: clock, services, storage, and processes that can be killed. */
export class World {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly services: Map<string, Service>;
  readonly pools: Map<string, SharedPool>;
  readonly instances: Instance[];
  readonly result: RunResult;
  /** By job: its place in the order, as its admission gave it. */
  readonly sinceOf = new Map<string, number>();
  readonly sent = new Set<string>();
  readonly workload: Workload;

  constructor(workload: Workload) {
    const { clock } = this;
    const random = new Random(workload.seed);
    this.workload = workload;
    this.random = random;
    this.services = new Map(workload.pools.map(({ name, service }) => [name, new Service(service, random)]));
    this.pools = new Map(
      workload.pools.map((pool) => [pool.name, new SharedPool(pool, clock, random, workload.lostWrites)]),
    );
    this.instances = Array.from({ length: workload.instances }, () => this.#newInstance());
    this.result = {
      workload,
      jobs: [],
      calls: [],
      throttledAt: [],
      pools: [...this.pools.values()],
      services: this.services,
      usedTwice: 0,
      movedInDoubt: 0,
      inDoubt: 0,
      asks: 0,
      requestsToWait: 0,
      endedAt: 0,
    };
  }

  #newInstance(): Instance {
    const mutexes = [...this.pools.keys()].map((name) => [name, new Mutex()] as const);
    return { isAlive: true, mutexes: new Map(mutexes), lost: [] };
  }

  kill(): void {
    const index = this.random.between(0, this.instances.length - 1);
    const victim = this.instances[index];
    if (!victim) return;
    victim.isAlive = false;
    const redeliverAt = this.clock.now + this.workload.visibilityMs;
    for (const lost of victim.lost) this.clock.at(redeliverAt, lost);
    this.instances[index] = this.#newInstance();
  }

  deployment(name: string): SimDeployment {
    const found = this.workload.deployments.find((deployment) => deployment.name === name);
    if (!found) throw new Error("An unknown deployment.");
    return found;
  }

  candidates(job: SimJob): SimDeployment[] {
    return this.workload.deployments.filter(
      ({ name, model }) => model === job.model && (job.deployment ?? name) === name,
    );
  }

  places(job: SimJob): Place[] {
    return this.candidates(job).map(({ name, pool }) => {
      const { state, limits } = this.pool(pool);
      return { deployment: name, pool, state, limits, priority: 1, weight: 1, cost: 1 };
    });
  }

  pool(name: string): SharedPool {
    const shared = this.pools.get(name);
    if (!shared) throw new Error("An unknown pool.");
    return shared;
  }

  service(name: string): Service {
    const service = this.services.get(name);
    if (!service) throw new Error("An unknown service.");
    return service;
  }

  weight({ caller }: SimJob): number {
    return this.workload.weights[caller] ?? 1;
  }

  line(job: SimJob, line: number, following: number): CallLine {
    const { caller, priority, images, model } = job;
    const since = this.sinceOf.get(job.id) ?? job.arrivesAt;
    const work = `${model}|${images}`;
    return { id: `${job.id}:${line}`, caller, priority, images, since, following, work };
  }

  /** Runs a step wherever there is a process; when that is killed, another runs it again, from the beginning. */
  *onSomeInstance<T>(run: (instance: Instance) => Process<T>): Process<T> {
    const { clock, random, instances } = this;
    let outcome: { value: T } | undefined;
    const done = new Signal();
    const deliver = () => {
      const instance = random.pick(instances);
      instance.lost.push(deliver);
      function* running(): Process {
        yield clock.now + random.between(5, 40);
        outcome = { value: yield* run(instance) };
        instance.lost = instance.lost.filter((other) => other !== deliver);
        done.open();
      }
      clock.spawn(running(), instance);
    };
    deliver();
    yield done;
    if (!outcome) throw new Error("A step that was done has no outcome.");
    return outcome.value;
  }
}
