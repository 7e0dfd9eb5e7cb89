import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { skipUnlessEmbedded } from "../support/aim.ts";
import { isAlive } from "../support/processes.ts";

skipUnlessEmbedded("starts hosts of its own");

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** `npm start` as npm runs it, but for the build, which the tier has done. */
async function start(args: string[], env: Record<string, string> = {}) {
  const data = await mkdtemp(join(tmpdir(), "darkroom-start-"));
  folders.push(data);
  const child = spawn(process.execPath, ["local/start.ts", "--port", "0", "--data", data, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const printed = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(output)) {
      if (child.exitCode !== null) throw new Error(`It ended: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return output;
  };
  return { child, data, printed, output: () => output };
}

/** Processes that this one started, theirs included, as far as /proc tells; empty where there is none. */
function descendants(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  const children = readFileSync(file, "utf8").trim().split(/\s+/).filter(Boolean).map(Number);
  return [...children, ...children.flatMap(descendants)];
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal);
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

type Line = Record<"url" | "key" | "storage" | "simulator", string>;
type MadeJob = { id: string; status: string; images: { url: string }[] };

const lineOf = (printed: string) => JSON.parse(printed) as Line;

async function makeJob(url: string, key: string, prompt: string): Promise<MadeJob> {
  const headers = { "api-key": key, "content-type": "application/json", prefer: "wait=60" };
  const body = JSON.stringify({ model: "dall-e-3", prompt });
  const reply = await fetch(`${url}/api/images/generations`, { method: "POST", headers, body });
  return (await reply.json()) as MadeJob;
}

async function readJob(url: string, key: string, id: string): Promise<MadeJob> {
  return (await (await fetch(`${url}/api/jobs/${id}`, { headers: { "api-key": key } })).json()) as MadeJob;
}

/** README's lines of TypeScript, with this address and key in place of those named there; what they print. */
async function readmeSnippet(url: string, key: string): Promise<string> {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, code = ""] = /```ts\n([\s\S]+?)```/.exec(readme) ?? [];
  const folder = await mkdtemp(join(tmpdir(), "darkroom-snippet-"));
  folders.push(folder);
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const file = join(folder, "snippet.mts");
  await writeFile(file, code.replace("http://127.0.0.1:7071", url).replace("YOUR-KEY", key));
  return execFileSync(process.execPath, [file], { encoding: "utf8" }).trim();
}

describe("npm start", () => {
  it("prints the page, a key and a curl line that works when pasted, as README's snippet does; with --trace it draws each finished job; Ctrl-C leaves no process", async () => {
    const { child, printed } = await start(["--trace"]);
    const text = await printed(/Ctrl-C stops everything/);
    expect(text).toMatch(/Page +http:\/\/127\.0\.0\.1:\d+\//);
    expect(text).toMatch(/Key +\S+/);
    const curl = /^ +(curl .*)$/m.exec(text)?.[1] ?? "";
    const reply = JSON.parse(execFileSync("sh", ["-c", curl], { encoding: "utf8" })) as MadeJob;
    expect(reply.status).toBe("succeeded");
    await printed(new RegExp(`${reply.id}[^]*\\n.*render`));
    const [, url = "", signedIn = ""] = /Page +(http:\/\/[^/\s]+)\/#key=(\S+)/.exec(text) ?? [];
    const [, key = ""] = /Key +(\S+)/.exec(text) ?? [];
    expect(signedIn).toBe(key);
    expect(await readmeSnippet(url, key)).toMatch(/^\[\s*'http:\S+',\s*'http:\S+'\s*\]$/);

    const family = descendants(child.pid ?? 0);
    expect(family.length).toBeGreaterThanOrEqual(existsSync("/proc") ? 3 : 0);
    expect(await end(child, "SIGINT")).toBe(0);
    expect(family.filter(isAlive)).toEqual([]);
  });

  it("with --json prints one line for scripts; key and jobs outlast its end, and being killed outright, which leaves no process; no other takes its port or folder", async () => {
    const first = await start(["--json"]);
    const line = lineOf(await first.printed(/\}\n$/));
    expect(Object.keys(line)).toEqual(["url", "key", "storage", "simulator"]);
    const { id } = await makeJob(line.url, line.key, "kept over an end");
    await end(first.child, "SIGTERM");

    const second = await start(["--json", "--data", first.data]);
    const { url, key } = lineOf(await second.printed(/\}\n$/));
    expect(key).toBe(line.key);
    const kept = await readJob(url, key, id);
    expect((await fetch(kept.images[0]?.url ?? "")).status).toBe(200);
    const { id: later } = await makeJob(url, key, "kept over a kill");
    const family = descendants(second.child.pid ?? 0);
    second.child.kill("SIGKILL");
    await once(second.child, "exit");
    await expect.poll(() => family.filter(isAlive), { timeout: 15_000 }).toEqual([]);

    const third = await start(["--json", "--data", first.data]);
    const again = lineOf(await third.printed(/\}\n$/));
    for (const each of [id, later])
      expect(await readJob(again.url, key, each)).toMatchObject({ id: each, status: "succeeded" });

    // That its port is taken, and its folder held, is said to those who start another, which leaves the folder as it is.
    const samePort = await start(["--port", new URL(again.url).port]);
    const [code] = (await once(samePort.child, "exit")) as [number];
    expect([code, samePort.output()]).toEqual([1, expect.stringContaining("That port is taken") as string]);
    const ports = join(first.data, "azurite", "ports.json");
    const before = readFileSync(ports, "utf8");
    const sameFolder = await start(["--data", first.data]);
    const [refused] = (await once(sameFolder.child, "exit")) as [number];
    expect([refused, sameFolder.output()]).toEqual([1, expect.stringContaining("in use") as string]);
    expect(readFileSync(ports, "utf8")).toBe(before);
    await end(third.child, "SIGTERM");
  });

  it("with --instances and --host runs the app in several processes, answers where other machines know it, and stops all", async () => {
    const { child, printed } = await start(["--json", "--instances", "2", "--host", "0.0.0.0"]);
    const { url, key, instances } = JSON.parse(await printed(/\}\n$/)) as Line & { instances: string[] };
    const { hostname } = new URL(url);
    const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    expect(others.filter(({ internal }) => !internal).map(({ address }) => address)).toContain(hostname);
    const { images } = await makeJob(url, key, "seen on a phone");
    expect(new URL(images[0]?.url ?? "").hostname).toBe(hostname);
    expect((await fetch(images[0]?.url ?? "")).status).toBe(200);
    const page = await fetch(`${url}/`);
    expect(page.headers.get("content-security-policy")).toContain(new URL(images[0]?.url ?? "").origin);

    expect(instances).toHaveLength(2);
    const [one = "", two = ""] = instances;
    expect(new URL(one).port).toBe(new URL(url).port);
    const { id } = await makeJob(one, key, "for both");
    expect(await readJob(two, key, id)).toMatchObject({ id, status: "succeeded" });
    const family = descendants(child.pid ?? 0);
    expect(await end(child, "SIGTERM")).toBe(0);
    expect(family.filter(isAlive)).toEqual([]);
  });

  it("ends whole when npm, which tells its shell alone, is asked to end", async () => {
    const data = await mkdtemp(join(tmpdir(), "darkroom-start-"));
    folders.push(data);
    // Without the build before it, which the tier has done.
    const args = ["start", "--silent", "--ignore-scripts", "--", "--port", "0", "--data", data];
    const npm = spawn("npm", args, { cwd: root, shell: process.platform === "win32" });
    await once(npm.stdout, "data");
    const family = descendants(npm.pid ?? 0);
    npm.kill("SIGTERM");
    await once(npm, "exit");
    await expect.poll(() => family.filter(isAlive), { timeout: 30_000 }).toEqual([]);
  });

  it.each([
    ["an unknown flag", ["--prot", "1"], {}, /--prot[\s\S]*npm start -- \[options\]/],
    ["a port that is none", ["--port", "abc"], {}, /must be a number from 0 to 65535/],
    ["no number of instances", ["--instances", "0"], {}, /must be a number from 1 to 16/],
    ["an app that isn't one", ["--app", tmpdir()], {}, /names no "main"/],
    ["images kept elsewhere", [], { IMAGES_STORAGE: "garbage" }, /IMAGES_STORAGE must be/],
  ])("answers %s in a sentence, not with a stack", async (_, args, env, words) => {
    const { child, output } = await start(args, env);
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBeGreaterThan(0);
    expect(output()).toMatch(words);
    expect(output()).not.toMatch(/\n\s+at /);
  });

  it("says in one list what is missing or malformed, and ends", async () => {
    const { child, output } = await start([], {
      API_KEYS: "{broken",
      LINK_TTL_HOURS: "999",
      IMAGE_DEPLOYMENTS: "[{}]",
      SIGNING_KEY: "short",
    });
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(1);
    for (const name of ["API_KEYS", "LINK_TTL_HOURS", "IMAGE_DEPLOYMENTS.0.name", "SIGNING_KEY"]) {
      expect(output()).toContain(`- ${name}`);
    }
    expect(output()).not.toMatch(/\n\s+at /);
  });
});
