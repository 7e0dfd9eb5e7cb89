import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, type Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Darkroom, startDarkroom } from "./darkroom.ts";
import { readLocalSettings } from "../packages/functions-host/src/settings.ts";
import { whenParentEnds } from "./parent.ts";
import { type Reach, readReach } from "./reach.ts";
import { environmentSettings, type Settings } from "./settings.ts";
import { type Collector, startCollector } from "./trace/collector.ts";
import { finishedJobs } from "./trace/finished-jobs.ts";

/** `npm start`: starts everything, says how to use it, and stops everything on Ctrl-C. */

const usage = `npm start -- [options]

  --port N     port of the app (default: PORT, else 7071; 0 takes a free one)
  --host ADDR  address to listen at: 0.0.0.0 for all, so that a phone in the same network opens app and images
  --data DIR   folder that keeps all state (default: .data)
  --app DIR    another build of the app, such as an unzipped package (default: DARKROOM_APP, else this one)
  --json       print one line of JSON when ready, and nothing else (with npm: npm start --silent -- --json)
  --instances N  processes that run the app and share its work, each at an address of its own (default: 1)
  --func       run the app on Microsoft's host, Azure Functions Core Tools, which must be installed
  --trace      print each finished job as a tree: what was done for it, when, and how long it took
  --verbose    print the host's log too (it is always in DIR/host.log)
`;

const values = readFlags();
if (values.help) console.log(usage);
else await run();

function readFlags() {
  try {
    return parseArgs({
      options: {
        port: { type: "string" },
        host: { type: "string" },
        data: { type: "string" },
        app: { type: "string" },
        instances: { type: "string" },
        func: { type: "boolean" },
        json: { type: "boolean" },
        trace: { type: "boolean" },
        verbose: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    return giveUp(`${messageOf(error)}\n\n${usage}`, 2);
  }
}

async function run(): Promise<void> {
  const stopping = new AbortController();
  let isReady = false;
  const end = () => {
    // What is still starting ends by itself when this process does.
    if (!isReady) process.exit(1);
    stopping.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
  // Started by hand, it may outlive the terminal on purpose; started by npm, it ends with npm.
  if (process.env["npm_lifecycle_event"] !== undefined) whenParentEnds(end);
  // Anyone who read the output may be gone first, and nothing must keep the rest from being stopped in order.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const root = fileURLToPath(new URL("..", import.meta.url));
  const data = values.data ?? join(root, ".data");
  const port = readPort(values.port ?? process.env["PORT"] ?? "7071");
  const instances = readInstances(values.instances ?? "1");
  const settings = {
    ...settingsOfFile(join(root, "local.settings.json")),
    ...environmentSettings(process.env),
  };
  const reach = values.host === undefined ? undefined : findReach(values.host, settings["PUBLIC_ORIGIN"]);
  const traces = finishedJobs((text) => console.log(text));
  try {
    await mkdir(data, { recursive: true });
    const collector = values.trace
      ? await startCollector({ onSpans: (spans) => traces.hear(spans) })
      : undefined;
    const darkroom = await startDarkroom({
      port,
      data,
      ...(values.app !== undefined && { app: values.app }),
      ...(values.func && { coreTools: true }),
      instances,
      reach,
      settings: { ...settings, ...(collector && tracingTo(collector)) },
      log: openLog(data),
      onRestart: () => console.error("The host ended and is started again; its log tells why."),
    });
    isReady = true;
    const shown = { ...darkroom, url: addressFor(reach, darkroom.url) };
    console.log(values.json ? readyJson(shown) : readyText(shown, data));
    if (reach && !values.json) console.log(openToOthers);
    const failure = await Promise.race([
      until(stopping.signal),
      darkroom.ended.catch((error: unknown) => error),
    ]);
    if (!values.json && failure === undefined) console.log("\nStopping …");
    await darkroom.stop();
    traces.flush();
    await collector?.close();
    if (failure instanceof Error) throw failure;
  } catch (error) {
    giveUp(messageOf(error), 1);
  }
  // Children are gone; nothing of ours may keep the process alive.
  process.exit();
}

/** Spans a fifth of a second after they end: somebody is looking. */
function tracingTo({ url }: Collector): Settings {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: "200" };
}

function giveUp(message: string, code: number): never {
  const isTaken = message.includes("EADDRINUSE");
  const isInUse = message.includes("is in use by another host");
  const isUnwritable = /\b(EACCES|EROFS|EPERM|ENOTDIR|EEXIST)\b/.test(message) && message.includes("mkdir");
  if (isTaken) console.error("That port is taken. Try another: npm start -- --port 0");
  else if (isUnwritable)
    console.error("The folder for all state can't be written. Choose another: npm start -- --data FOLDER");
  else console.error(message);
  if (isInUse) console.error("Stop that one, or keep them apart: npm start -- --port 0 --data FOLDER");
  process.exit(code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the file names; an empty value is a place to fill in, not a setting. */
function settingsOfFile(file: string): Settings {
  return Object.fromEntries(Object.entries(readLocalSettings(file)).filter(([, value]) => value !== ""));
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  return giveUp(`--port (or PORT) must be a number from 0 to 65535, not ${JSON.stringify(text)}.`, 2);
}

function findReach(address: string, publicOrigin: string | undefined): Reach {
  if (values.func) return giveUp("--host is for the embedded host, not for --func.", 2);
  const reach = readReach(address, publicOrigin);
  return (
    reach ?? giveUp(`--host must be an IPv4 address, 0.0.0.0 for all, not ${JSON.stringify(address)}.`, 2)
  );
}

function readInstances(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 16)
    return giveUp(`--instances must be a number from 1 to 16, not ${JSON.stringify(text)}.`, 2);
  if (count > 1 && values.func) return giveUp("--instances is for the embedded host, not for --func.", 2);
  return count;
}

function openLog(data: string): Writable {
  const log = new PassThrough();
  log.pipe(createWriteStream(join(data, "host.log"), { flags: "a" }));
  if (values.verbose) log.pipe(process.stderr);
  return log;
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A timer keeps the process alive; nothing else has to.
    const alive = setInterval(() => undefined, 2 ** 30);
    const done = () => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) done();
    signal.addEventListener("abort", done, { once: true });
  });
}

/** Callers on other machines need the name by which those know this one. */
function addressFor(reach: Reach | undefined, url: string): string {
  return reach ? `http://${reach.name}:${new URL(url).port}` : url;
}

// Its key is printed in every manual of the emulator.
const openToOthers = "Anyone in your network reaches this, and all that the storage emulator keeps.\n";

function readyJson({ url, key, storage, simulator, instances }: Darkroom): string {
  const urls = instances.length > 1 ? { instances: instances.map((each) => each.url) } : {};
  return JSON.stringify({ url, key, storage, simulator, ...urls });
}

function readyText(
  { url, key, webhookSecret, simulator, storage, instances }: Darkroom,
  data: string,
): string {
  // What stands behind # stays in the browser: the page takes the key from there and signs in.
  const signedIn = key === undefined ? "" : `#key=${encodeURIComponent(key)}`;
  const others = instances.slice(1).map((each) => `\n  Also at    ${each.url}/${signedIn}`);
  const shown = key ?? "YOUR_KEY";
  return `
Darkroom is ready.

  Page       ${url}/${signedIn}${others.join("")}
  Key        ${key ?? "one of your own (API_KEYS)"}
  Webhooks   signed with ${webhookSecret ?? "secrets of your own (WEBHOOK_SECRETS)"}
  Images by  ${simulator === undefined ? "the service in your settings" : `a simulator, ${simulator}`}
  Storage    ${storage.includes("AccountName=devstoreaccount1;") ? storage : "one of your own (AzureWebJobsStorage)"}
  State in   ${data}

Make a picture:

  curl -s ${url}/api/images/generations -H "api-key: ${shown}" -H "Prefer: wait=60" -H "content-type: application/json" -d '{"prompt": "A multi-colored umbrella on the beach"}'

Ctrl-C stops everything.
`;
}
