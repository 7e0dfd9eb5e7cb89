import type { CallerRecord } from "../../src/domain/caller-registry.ts";
import type { AuditEntry, AuditLog, CallerRegistry } from "../../src/ports/callers.ts";
import type { ServiceMode } from "../../src/domain/service-mode.ts";
import type { AllJobs } from "../../src/ports/jobs.ts";
import type { ServiceState } from "../../src/ports/service.ts";
import type { MemoryJobStore } from "./fakes.ts";

/** The table of callers in memory. */
export class MemoryCallerRegistry implements CallerRegistry {
  readonly callers = new Map<string, CallerRecord>();
  reads = 0;

  async list(): Promise<CallerRecord[]> {
    this.reads += 1;
    return [...this.callers.values()];
  }

  async change(change: (all: readonly CallerRecord[]) => CallerRecord): Promise<CallerRecord> {
    const changed = change([...this.callers.values()]);
    this.callers.set(changed.name, changed);
    return changed;
  }
}

export class MemoryAuditLog implements AuditLog {
  readonly entries: AuditEntry[] = [];

  async begin(entry: AuditEntry): Promise<(outcome: string) => Promise<void>> {
    const kept = { ...entry };
    this.entries.unshift(kept);
    return async (outcome) => {
      kept.outcome = outcome;
    };
  }

  async list(limit: number): Promise<AuditEntry[]> {
    return this.entries.slice(0, limit);
  }
}

export const memoryAllJobs = ({ jobs }: MemoryJobStore): AllJobs => ({
  list: async ({ status, limit }) => ({
    jobs: [...jobs.values()].filter((job) => status === undefined || job.status === status).slice(0, limit),
  }),
});

export class MemoryServiceState implements ServiceState {
  now: ServiceMode = "open";

  async mode(): Promise<ServiceMode> {
    return this.now;
  }

  async set(mode: ServiceMode): Promise<void> {
    this.now = mode;
  }
}
