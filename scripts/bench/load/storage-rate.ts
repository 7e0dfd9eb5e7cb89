import { setTimeout as sleep } from "node:timers/promises";
import { startAzurite } from "../../../local/azurite.ts";
import { startCountingProxy } from "../counting-proxy.ts";
import { startPlainStack } from "../plain-stack.ts";
import { post, small } from "./jobs.ts";

export interface StorageRates {
  unwatched: number;
  watched: number;
}

const settleMs = 3_000;

/** What running jobs ask of Table and Blob Storage, by the second, with nobody watching and with so many watchers each. */
export async function measureStorageRates(
  upstream: string,
  { jobs, watchers, measureMs }: { jobs: number; watchers: number; measureMs: number },
): Promise<StorageRates> {
  const azurite = await startAzurite(undefined);
  const proxy = await startCountingProxy(azurite.connectionString);
  const stack = await startPlainStack(upstream, {
    AzureWebJobsStorage: azurite.connectionString,
    IMAGES_STORAGE: proxy.connectionString,
  });
  const over = new AbortController();
  const rate = async () => {
    await sleep(settleMs);
    proxy.take();
    await sleep(measureMs);
    return (proxy.take().length * 1_000) / measureMs;
  };
  try {
    const latency = 3 * (settleMs + measureMs) + 10_000;
    const running = await Promise.all(
      Array.from({ length: jobs }, (_, at) =>
        post(stack, { prompt: `Lamp ${at} ${small} [[latency=${latency}]]` }),
      ),
    );
    const unwatched = await rate();
    // All of them have come before it is measured what they cost while they are there.
    const { signal } = over;
    await Promise.all(
      running.flatMap(({ links }) => Array.from({ length: watchers }, () => fetch(links.events, { signal }))),
    );
    const watched = await rate();
    over.abort();
    await Promise.all(
      running.map(({ id }) =>
        fetch(`${stack.darkroom.url}/api/jobs/${id}/cancel`, { method: "POST", headers: stack.headers }),
      ),
    );
    return { unwatched, watched };
  } finally {
    over.abort();
    await stack.stop();
    await proxy.close();
    await azurite.stop();
  }
}
