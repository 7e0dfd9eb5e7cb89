import { setTimeout as sleep } from "node:timers/promises";
import type { DurableClient } from "durable-functions";
import { instanceState } from "./instance-state.ts";

const firstPauseMs = 50;
const maxPauseMs = 1_000;
// The end is a message of a queue that is looked at every two seconds (host.json).
const patienceMs = 5_000;

/**
 * Removes what the task hub has of an instance: its row and its history. One that runs is ended first, since Durable takes the
 * history away under a running one too, which then goes on from nothing. False when it doesn't end in time.
 */
export async function purgeInstance(client: DurableClient, instanceId: string): Promise<boolean> {
  let waitedMs = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, 2 * pauseMs)) {
    const state = await instanceState(client, instanceId);
    if (state === undefined) return true;
    if (state !== "active") {
      await client.purgeInstanceHistory(instanceId);
      return true;
    }
    if (waitedMs >= patienceMs) return false;
    if (waitedMs === 0) await terminate(client, instanceId);
    await sleep(pauseMs);
    waitedMs += pauseMs;
  }
}

async function terminate(client: DurableClient, instanceId: string): Promise<void> {
  try {
    await client.terminate(instanceId, "Its job was deleted.");
  } catch (error) {
    // Somebody else has purged it meanwhile.
    if ((await instanceState(client, instanceId)) !== undefined) throw error;
  }
}
