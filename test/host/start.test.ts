import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { skipWhenAimed } from "../support/aim.ts";
import { isAlive } from "../support/processes.ts";

skipWhenAimed("starts hosts of its own");

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

describe("npm start", () => {
  it("prints the page, a key and a curl line that works when pasted; Ctrl-C leaves no process", async () => {
    const { child, printed } = await start([]);
    const text = await printed(/Ctrl-C stops everything/);
    expect(text).toMatch(/Page +http:\/\/127\.0\.0\.1:\d+\//);
    expect(text).toMatch(/Key +\S+/);
    const curl = /^ +(curl .*)$/m.exec(text)?.[1] ?? "";
    const reply = JSON.parse(execFileSync("sh", ["-c", curl], { encoding: "utf8" })) as { status: string };
    expect(reply.status).toBe("succeeded");

    const family = descendants(child.pid ?? 0);
    expect(family.length).toBeGreaterThanOrEqual(existsSync("/proc") ? 3 : 0);
    expect(await end(child, "SIGINT")).toBe(0);
    expect(family.filter(isAlive)).toEqual([]);
  });

  it("with --json prints one line for scripts, and keeps its key and its jobs over a restart", async () => {
    const first = await start(["--json"]);
    const line = JSON.parse(await first.printed(/\}\n$/)) as Record<
      "url" | "key" | "storage" | "simulator",
      string
    >;
    expect(Object.keys(line)).toEqual(["url", "key", "storage", "simulator"]);
    const headers = { "api-key": line.key, "content-type": "application/json", prefer: "wait=60" };
    const body = JSON.stringify({ model: "dall-e-3", prompt: "kept" });
    const job = (await (
      await fetch(`${line.url}/api/images/generations`, { method: "POST", headers, body })
    ).json()) as { id: string };
    await end(first.child, "SIGTERM");

    const again = spawn(process.execPath, ["local/start.ts", "--port", "0", "--data", first.data, "--json"], {
      cwd: root,
    });
    const [chunk] = (await once(again.stdout.setEncoding("utf8"), "data")) as [string];
    const { url, key } = JSON.parse(chunk) as { url: string; key: string };
    expect(key).toBe(line.key);
    const kept = (await (
      await fetch(`${url}/api/jobs/${job.id}`, { headers: { "api-key": key } })
    ).json()) as { images: { url: string }[] };
    expect((await fetch(kept.images[0]?.url ?? "")).status).toBe(200);
    await end(again, "SIGTERM");
  });

  it("leaves no process behind when it is killed outright", async () => {
    const { child, printed } = await start(["--json"]);
    await printed(/\}\n$/);
    const family = descendants(child.pid ?? 0);
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => family.filter(isAlive), { timeout: 15_000 }).toEqual([]);
  });

  it("ends whole when npm, which tells its shell alone, is asked to end", async () => {
    const data = await mkdtemp(join(tmpdir(), "darkroom-start-"));
    folders.push(data);
    // Without the build before it, which the tier has done.
    const args = ["start", "--silent", "--ignore-scripts", "--", "--json", "--port", "0", "--data", data];
    const npm = spawn("npm", args, { cwd: root, shell: process.platform === "win32" });
    await once(npm.stdout, "data");
    const family = descendants(npm.pid ?? 0);
    npm.kill("SIGTERM");
    await once(npm, "exit");
    await expect.poll(() => family.filter(isAlive), { timeout: 30_000 }).toEqual([]);
  });

  it("with --instances runs the app in several processes, and stops them all", async () => {
    const { child, printed } = await start(["--json", "--instances", "2"]);
    const { url, key, instances } = JSON.parse(await printed(/\}\n$/)) as {
      url: string;
      key: string;
      instances: string[];
    };
    expect(instances).toHaveLength(2);
    expect(instances[0]).toBe(url);
    const headers = { "api-key": key, "content-type": "application/json", prefer: "wait=60" };
    const body = JSON.stringify({ prompt: "for both" });
    const [one, two] = instances;
    const posted = await fetch(`${one}/api/images/generations`, { method: "POST", headers, body });
    const { id } = (await posted.json()) as { id: string };
    const job = await (await fetch(`${two}/api/jobs/${id}`, { headers: { "api-key": key } })).json();
    expect(job).toMatchObject({ id, status: "succeeded" });
    const family = descendants(child.pid ?? 0);
    expect(await end(child, "SIGTERM")).toBe(0);
    expect(family.filter(isAlive)).toEqual([]);
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

  it("says that its port is taken", async () => {
    const first = await start(["--json"]);
    const { url } = JSON.parse(await first.printed(/\}\n$/)) as { url: string };
    const second = await start(["--port", new URL(url).port]);
    const [code] = (await once(second.child, "exit")) as [number];
    expect([code, second.output()]).toEqual([1, expect.stringContaining("That port is taken") as string]);
    await end(first.child, "SIGTERM");
  });

  it("refuses a folder that another start holds, and leaves it as it is", async () => {
    const first = await start(["--json"]);
    await first.printed(/\}\n$/);
    const ports = join(first.data, "azurite", "ports.json");
    const before = readFileSync(ports, "utf8");
    const second = await start(["--data", first.data]);
    const [code] = (await once(second.child, "exit")) as [number];
    expect([code, second.output()]).toEqual([1, expect.stringContaining("in use") as string]);
    expect(readFileSync(ports, "utf8")).toBe(before);
    await end(first.child, "SIGTERM");
  });

  it("keeps what was answered when it is killed outright and started again", async () => {
    const first = await start(["--json"]);
    const { url, key } = JSON.parse(await first.printed(/\}\n$/)) as { url: string; key: string };
    const headers = { "api-key": key, "content-type": "application/json", prefer: "wait=60" };
    const body = JSON.stringify({ prompt: "kept over a kill" });
    const posted = await fetch(`${url}/api/images/generations`, { method: "POST", headers, body });
    const { id } = (await posted.json()) as { id: string };
    const family = descendants(first.child.pid ?? 0);
    first.child.kill("SIGKILL");
    await expect.poll(() => family.filter(isAlive), { timeout: 15_000 }).toEqual([]);
    const again = await start(["--json", "--data", first.data]);
    const line = JSON.parse(await again.printed(/\}\n$/)) as { url: string };
    const job = (await (
      await fetch(`${line.url}/api/jobs/${id}`, { headers: { "api-key": key } })
    ).json()) as object;
    expect(job).toMatchObject({ id, status: "succeeded" });
    await end(again.child, "SIGTERM");
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
