import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Darkroom, startDarkroom } from "../../local/darkroom.ts";
import { clients } from "../../test/support/clients.ts";
import { buildDotnetClients, dotnetClients, runDotnetClient } from "../../test/support/dotnet-clients.ts";
import { ledgerOf } from "./ledger.ts";

/** `npm run clients -- --slow`: renders that outlast the clients' own time-outs, in real time. Takes seven minutes. */

const renderSeconds = { dotnet: 150, node: 400 };
const nodeClients = ["openai 7", "AzureOpenAI of openai 7"];

export async function playSlowRenders(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-slow-"));
  const darkroom = await startDarkroom({ port: 0, simulatorArgs: ["--latency-scale", "0"] });
  try {
    const missing = await buildDotnetClients(folder);
    if (missing !== undefined) process.stderr.write(`Without .NET's clients: ${missing}\n`);
    const key = darkroom.key ?? "";
    const dotnet = missing === undefined ? dotnetClients : [];
    const played = await Promise.all([
      ...dotnet.map(async (client) =>
        play(darkroom, `.NET ${client}`, renderSeconds.dotnet, async (prompt) =>
          runDotnetClient(folder, client, {
            url: darkroom.url,
            key,
            model: "gpt-image-1",
            what: "generate",
            prompt,
            file: "",
          }),
        ),
      ),
      ...clients
        .filter(({ name }) => nodeClients.includes(name))
        .map(async ({ name, generate }) =>
          play(darkroom, name, renderSeconds.node, async (prompt) => {
            const pictures = await generate({ url: darkroom.url, key }, { model: "gpt-image-1", prompt });
            return pictures.join(" ");
          }),
        ),
    ]);
    return played.every((isRight) => isRight);
  } finally {
    await darkroom.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Prints what the user got, after how long, and what it cost. */
async function play(
  darkroom: Darkroom,
  name: string,
  seconds: number,
  ask: (prompt: string) => Promise<string>,
): Promise<boolean> {
  const prompt = `A slow lighthouse for ${name} [[latency=${seconds * 1_000}]]`;
  const began = performance.now();
  const got = await ask(prompt).catch((error: unknown) => String(error));
  const took = Math.round((performance.now() - began) / 1_000);
  const { billed } = await ledgerOf(darkroom, prompt);
  const isPicture = /^[0-9a-f]{64}$/i.test(got);
  process.stdout.write(
    `${name} | render of ${seconds} s | ${isPicture ? "a picture" : got} after ${took} s | ${billed} billed\n`,
  );
  return billed === 1 && (isPicture || got.includes("job_"));
}
