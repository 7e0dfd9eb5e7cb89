import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { QueueServiceClient } from "@azure/storage-queue";
import { afterEach, describe, expect, it } from "vitest";
import { type FuncNotes, installFunc } from "../support/fake-func.ts";
import { isAlive } from "../support/processes.ts";

/** `npm run start:func`, but for the build, with a `func` that notes how it was started and answers as a host would. */

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = `
const { spawn } = require("node:child_process");
const { writeFileSync } = require("node:fs");
const { createServer } = require("node:http");
// A host is several processes.
const worker = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "ignore" });
const args = process.argv.slice(2);
writeFileSync(process.env.FAKE_FUNC_NOTES, JSON.stringify({ args, cwd: process.cwd(), env: process.env, pids: [process.pid, worker.pid] }));
if (process.env.FAKE_FUNC_FAILS) {
  console.error("Port 7071 is unavailable.");
  process.exit(3);
}
// As Core Tools print it when the app throws as it is loaded; the host runs on without a function.
const isBroken = Boolean(process.env.FAKE_FUNC_BROKEN);
if (isBroken) {
  const log = (text) => text.split("\\n").forEach((line) => console.log("[2026-11-30T12:00:00.000Z] " + line));
  log('Worker was unable to load entry point "dist/index.cjs": ' + process.env.FAKE_FUNC_BROKEN);
  log("0 functions found (Custom)");
  log("No job functions found. Try making your job classes and methods public.");
}
let asked = 0;
createServer((request, response) => {
  // The host answers before the app does.
  asked += 1;
  response.writeHead(request.url === "/api/health" && asked > 2 && !isBroken ? 200 : 404).end();
}).listen(Number(args[args.indexOf("--port") + 1]));
// It takes more than a word to make it leave.
if (process.env.FAKE_FUNC_STUBBORN) process.on("SIGTERM", () => {});
`;

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function start({
  installed = true,
  env = {},
}: { installed?: boolean; env?: Record<string, string> } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-func-"));
  folders.push(folder);
  const at = (name: string) => join(folder, name);
  const [app, data, notes] = [at("app"), at("data"), at("notes")];
  mkdirSync(app);
  const bin = installed ? installFunc(folder, script) : at("bin");
  const args = ["local/start.ts", "--func", "--json", "--port", "0", "--data", data, "--app", app];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, PATH: bin, FAKE_FUNC_NOTES: notes, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const closed = once(child, "close").then(([code]) => code as number | null);
  return {
    ...{ child, app, data, closed, output: () => output },
    notes: () => JSON.parse(readFileSync(notes, "utf8")) as FuncNotes,
    ready: async () => {
      while (!output.includes("\n")) await Promise.race([once(child.stdout, "data"), closed]);
      return JSON.parse(output) as { url: string; key: string; storage: string; simulator: string };
    },
  };
}

const isWindows = process.platform === "win32";
const unlessWindows = isWindows
  ? " (SKIPPED: the func of this test is a script, which Windows doesn't run)"
  : "";

describe.skipIf(isWindows)(`npm run start:func${unlessWindows}`, () => {
  it("starts Core Tools on the app, with settings that lead to a storage and a simulator that run; both end with it", async () => {
    const { child, app, closed, notes, ready } = await start();
    const { url, key, storage, simulator } = await ready();
    const { args, cwd, env, pids } = notes();
    expect(args).toEqual(["start", "--port", new URL(url).port, "--javascript"]);
    expect(cwd).toBe(app);
    expect(env).toMatchObject({
      FUNCTIONS_WORKER_RUNTIME: "node",
      AzureWebJobsDisableHomepage: "true",
      AzureWebJobsStorage: storage,
      IMAGES_STORAGE: storage,
    });
    expect(env["SIGNING_KEY"]?.length).toBeGreaterThanOrEqual(32);
    expect(JSON.stringify(env)).not.toContain(key);
    expect(Object.keys(JSON.parse(env["API_KEYS"] ?? "") as object)).toEqual(["local"]);

    const queues = QueueServiceClient.fromConnectionString(env["AzureWebJobsStorage"] ?? "");
    // The host polls it from the start, and makes it with the first blob that is given up.
    expect(await queues.getQueueClient("webjobs-blobtrigger-poison").exists()).toBe(true);
    const deployments = JSON.parse(env["IMAGE_DEPLOYMENTS"] ?? "") as {
      endpoint: string;
      api_key_setting: string;
    }[];
    expect(deployments.map(({ endpoint }) => endpoint)).toEqual(Array<string>(4).fill(simulator));
    expect(env[deployments[0]?.api_key_setting ?? ""]).toBeTruthy();
    expect((await fetch(`${simulator}/simulator`)).status).toBe(200);

    expect(pids.map(isAlive)).toEqual([true, true]);
    child.kill("SIGINT");
    expect(await closed).toBe(0);
    expect(pids.map(isAlive)).toEqual([false, false]);
    await expect(fetch(`${simulator}/simulator`)).rejects.toThrow();
    await expect(fetch(queues.url)).rejects.toThrow();
  });

  it("leaves no process behind when it is killed outright, however little Core Tools care", async () => {
    const { child, notes, ready } = await start({ env: { FAKE_FUNC_STUBBORN: "yes" } });
    const { simulator } = await ready();
    child.kill("SIGKILL");
    await expect.poll(() => notes().pids.map(isAlive), { timeout: 20_000 }).toEqual([false, false]);
    await expect
      .poll(
        () =>
          fetch(`${simulator}/simulator`).then(
            () => "there",
            () => "gone",
          ),
        { timeout: 20_000 },
      )
      .toBe("gone");
  });

  it("that can't start Core Tools says what they said, and leaves nothing", async () => {
    const { closed, notes, output } = await start({ env: { FAKE_FUNC_FAILS: "yes" } });
    expect(await closed).toBe(1);
    expect(output()).toContain("Port 7071 is unavailable.");
    expect(output()).not.toMatch(/\n\s+at /);
    await expect.poll(() => notes().pids.map(isAlive)).toEqual([false, false]);
  });

  it("with a broken setting says what is to be mended as soon as the host has heard of it, and leaves nothing", async () => {
    const list =
      "Darkroom can't start; 2 setting(s) to mend:\n  - API_KEYS is not valid JSON.\n  - SIGNING_KEY is missing.";
    const { closed, notes, output } = await start({ env: { FAKE_FUNC_BROKEN: list } });
    expect(await closed).toBe(1);
    expect(output()).toBe(`${list}\n`);
    await expect.poll(() => notes().pids.map(isAlive)).toEqual([false, false]);
  });

  it("ends with Core Tools, when those end by themselves", async () => {
    const { closed, notes, output, ready } = await start();
    await ready();
    process.kill(notes().pids[0] ?? 0, "SIGKILL");
    expect(await closed).toBe(1);
    expect(output()).toContain("func ended by itself");
    await expect.poll(() => notes().pids.map(isAlive)).toEqual([false, false]);
  });

  it("without Core Tools says in one sentence what to install, and starts nothing", async () => {
    const { closed, data, output } = await start({ installed: false });
    expect(await closed).toBe(1);
    expect(output()).toMatch(/^Azure Functions Core Tools were not found: install them \([^)]+\).*\.\n$/);
    // The emulator and the simulator would have left something here.
    expect(readdirSync(data).filter((name) => name !== "host.log")).toEqual([]);
  });
});
