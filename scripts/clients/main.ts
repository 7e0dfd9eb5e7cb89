import { parseArgs } from "node:util";
import { startDarkroom } from "../../local/darkroom.ts";
import { type Asked, clients, type Place } from "../../test/support/clients.ts";
import { aMask, aPicture } from "../../test/support/edits.ts";
import { playAtOnce } from "./at-once.ts";
import { playSlowRenders } from "./slow.ts";
import { startScript } from "../start-script.ts";

startScript(`npm run clients                     what each client that people have gets from Darkroom, unpatched
npm run clients -- --at-once ROUNDS  what becomes of equal requests at once
npm run clients -- --slow            what becomes of renders that outlast the clients' time-outs`);

/**
 * `npm run clients`: what each client that people have gets from Darkroom, unpatched, on a stack of its own. With
 * `-- --at-once ROUNDS` or `-- --slow`, what becomes of equal requests at once, and of renders that outlast time-outs.
 */

const calls = {
  "one picture": async (client, place) => hasAll(await generate(client, place, 1), 1),
  "two pictures": async (client, place) => hasAll(await generate(client, place, 2), 2),
  edit: async ({ edit }, place) =>
    edit && hasAll(await edit(place, asked("gpt-image-1"), { images: [await aPicture(1)] }), 1),
  "edit, two and a mask": async ({ edit }, place) => {
    const images = await Promise.all([aPicture(1), aPicture(2)]);
    return edit && hasAll(await edit(place, asked("gpt-image-1"), { images, mask: await aMask() }), 1);
  },
  stream: async ({ stream }, place) => stream && hasAll(await stream(place, asked("gpt-image-1")), 3),
} satisfies Record<string, (client: (typeof clients)[number], place: Place) => Promise<boolean | undefined>>;

const asked = (model: string): Asked => ({ model, prompt: "A lighthouse at noon" });
const hasAll = (pictures: string[], count: number) => new Set(pictures).size === count;

async function generate({ models, generate: call }: (typeof clients)[number], place: Place, n: number) {
  return call(place, { ...asked(models[0] ?? ""), n });
}

async function tryCall(run: () => Promise<boolean | undefined>): Promise<string> {
  try {
    const isOk = await run();
    return isOk === undefined ? "-" : isOk ? "ok" : "WRONG";
  } catch (error) {
    return `FAILED ${error instanceof Error ? error.message : "for no reason"}`;
  }
}

async function playCalls(): Promise<boolean> {
  const darkroom = await startDarkroom({ port: 0, simulatorArgs: ["--latency-scale", "0.2"] });
  try {
    const place = { url: darkroom.url, key: darkroom.key ?? "" };
    const rows: [client: string, call: string, ok: string][] = [];
    for (const client of clients)
      for (const [name, call] of Object.entries(calls))
        rows.push([client.name, name, await tryCall(() => call(client, place))]);
    const done = rows.filter(([, , ok]) => ok !== "-");
    const wide = (column: 0 | 1) => Math.max(...done.map((row) => row[column].length));
    for (const [client, call, ok] of done)
      process.stdout.write(`${client.padEnd(wide(0))} | ${call.padEnd(wide(1))} | ${ok}\n`);
    return done.every(([, , ok]) => ok === "ok");
  } finally {
    await darkroom.stop();
  }
}

const { values } = parseArgs({ options: { slow: { type: "boolean" }, "at-once": { type: "string" } } });
const isRight = await (values.slow
  ? playSlowRenders()
  : values["at-once"] === undefined
    ? playCalls()
    : playAtOnce(Number(values["at-once"])));
if (!isRight) process.exitCode = 1;
