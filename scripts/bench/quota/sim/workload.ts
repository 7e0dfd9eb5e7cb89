import type { Priority } from "../../../../src/domain/quota/pool-state.ts";
import type { ServiceSpec } from "./service.ts";

export interface SimPool {
  name: string;
  service: ServiceSpec;
  /** Whether Darkroom was told the service's limits; else it learns them. */
  isKnown: boolean;
}

export interface SimDeployment {
  name: string;
  pool: string;
  model: string;
}

export interface SimJob {
  id: string;
  caller: string;
  priority: Priority;
  arrivesAt: number;
  model: string;
  /** A named one is kept to. */
  deployment?: string;
  /** Its calls: as many lines at once, of so many calls after each other, for so many images each. */
  lines: number;
  callsPerLine: number;
  images: number;
}

export interface Workload {
  seed: number;
  pools: SimPool[];
  deployments: SimDeployment[];
  weights: Record<string, number>;
  jobs: SimJob[];
  /** Processes of the app. */
  instances: number;
  /** When one of them is killed; its work is given to others after `visibilityMs`. */
  kills: number[];
  visibilityMs: number;
  /** Of a thousand writes, how many are done and answered by an error. */
  lostWrites: number;
  /** Where given, jobs that can't begin so soon are refused. */
  queueDeadlineMs?: number;
  /**
   * Without permits: send, be turned away, sleep, send again. As `Promise.all` over the official client does, which gives up, or as
   * Darkroom's jobs did before.
   */
  naive?: "client" | "jobs" | undefined;
}
