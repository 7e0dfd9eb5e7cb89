import { setTimeout as sleep } from "node:timers/promises";
import { type Darkroom, startDarkroom } from "../../local/darkroom.ts";
import { type Client, clients, type Place } from "../../test/support/clients.ts";
import { CuttingProxy } from "../../test/support/cutting-proxy.ts";
import { ledgerOf } from "./ledger.ts";

/**
 * `npm run clients -- --at-once ROUNDS`: equal requests at once, one of whose connections is cut while the jobs run. Each is
 * to be a picture of its own, billed once, in every round.
 */
export async function playAtOnce(rounds: number): Promise<boolean> {
  const darkroom = await startDarkroom({ port: 0, simulatorArgs: ["--latency-scale", "0"] });
  try {
    const played: boolean[] = [];
    // One client after another: a busy machine is no reason for a client's own clock to run out.
    for (const client of clients) {
      played.push(await play(darkroom, client, { rounds, requests: 3, n: 1 }));
      // It sends a request of its own for each.
      if (client.name.startsWith("LangChain"))
        played.push(await play(darkroom, client, { rounds, requests: 1, n: 2 }));
    }
    return played.every((isRight) => isRight);
  } finally {
    await darkroom.stop();
  }
}

async function play(
  darkroom: Darkroom,
  client: Client,
  { rounds, requests, n }: { rounds: number; requests: number; n: number },
): Promise<boolean> {
  const proxy = new CuttingProxy();
  await proxy.listen(darkroom.url);
  const place = { url: proxy.url, key: darkroom.key ?? "" };
  const wanted = requests * n;
  let right = 0;
  try {
    for (let round = 0; round < rounds; round += 1) {
      const prompt = `At once, round ${round} of ${wanted} for ${client.name} [[latency=1500]]`;
      const { pictures, billed } = await playRound(darkroom, client, { place, prompt, requests, n }, proxy);
      if (pictures === wanted && billed === wanted) right += 1;
      else process.stdout.write(`${client.name}: ${pictures} pictures for ${billed} bills\n`);
    }
  } finally {
    await proxy.close();
  }
  const what = n > 1 ? `one of n = ${n}` : `${requests} equal requests`;
  process.stdout.write(`${client.name} | ${what}, one cut | ${right} of ${rounds} rounds right\n`);
  return right === rounds;
}

async function playRound(
  darkroom: Darkroom,
  { models, generate }: Client,
  { place, prompt, requests, n }: { place: Place; prompt: string; requests: number; n: number },
  proxy: CuttingProxy,
): Promise<{ pictures: number; billed: number }> {
  const asked = Array.from({ length: requests }, async () =>
    generate(place, { model: models.at(-1) ?? "", prompt, n }),
  );
  while ((await ledgerOf(darkroom, prompt)).calls < requests * n) await sleep(20);
  proxy.cut(1);
  const pictures = new Set((await Promise.all(asked)).flat()).size;
  return { pictures, billed: (await ledgerOf(darkroom, prompt)).billed };
}
