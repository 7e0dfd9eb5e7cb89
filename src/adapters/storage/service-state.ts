import type { ServiceMode } from "../../domain/service-mode.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ServiceState } from "../../ports/service.ts";
import { ignoreNotFound, type Tables } from "./tables.ts";

const partitionKey = "service";
const rowKey = "mode";
const maxAgeMs = 5_000;

interface Row {
  mode: ServiceMode;
}

/** One row in the table of callers, which each instance reads every five seconds at most. */
export function tableServiceState(
  { callers, ensure }: Pick<Tables, "callers" | "ensure">,
  clock: Clock,
): ServiceState {
  let known: { mode: ServiceMode; readAtMs: number } | undefined;

  return {
    async mode() {
      const readAtMs = clock.now().getTime();
      if (known && readAtMs - known.readAtMs < maxAgeMs) return known.mode;
      await ensure();
      const row = await ignoreNotFound(callers.getEntity<Row>(partitionKey, rowKey));
      known = { mode: row?.mode ?? "open", readAtMs };
      return known.mode;
    },
    async set(mode) {
      await ensure();
      await callers.upsertEntity<Row>({ partitionKey, rowKey, mode }, "Replace");
      known = { mode, readAtMs: clock.now().getTime() };
    },
  };
}
