import { join } from "node:path";
import { expect, test } from "vitest";
import { readRecordedInstances } from "../../../local/host/durable/journal.ts";
import { eventually, useHosts } from "./host-process.ts";

const hosts = useHosts();

test(
  "orchestrations survive a host killed again and again, and all end with the right result",
  { timeout: 120_000 },
  async () => {
    const data = hosts.newFolder();
    const count = 20;
    let host = await hosts.start({ data });
    for (let index = 0; index < count; index += 1) {
      const response = await fetch(`${host.url}/start/fanOut?id=job-${index}`, {
        method: "POST",
        body: JSON.stringify({ count: 1 + (index % 4), milliseconds: 40 + 30 * index }),
      });
      expect(response.status).toBe(202);
    }
    for (let kill = 0; kill < 6; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
      host.signal("SIGKILL");
      await host.exited;
      host = await hosts.start({ data });
    }
    for (let index = 0; index < count; index += 1) {
      const status = await eventually(
        async () => (await (await fetch(`${host.url}/jobs/job-${index}`)).json()) as Record<string, unknown>,
        ({ runtimeStatus }) => runtimeStatus !== "Running" && runtimeStatus !== "Pending",
      );
      // Sum of 0..n, doubled twice on the way.
      const n = index % 4;
      expect(status).toMatchObject({ runtimeStatus: "Completed", output: 2 * n * (n + 1) });
    }
    host.signal("SIGTERM");
    expect(await host.exited).toBe(0);

    const recorded = readRecordedInstances(join(data, "durable"));
    expect(recorded.filter(({ header }) => header.name === "fanOut")).toHaveLength(count);
    for (const { history } of recorded) {
      const ended = history.flatMap((event) => ("TaskScheduledId" in event ? [event.TaskScheduledId] : []));
      expect(new Set(ended).size).toBe(ended.length);
    }
  },
);
