import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { skipUnlessEmbedded } from "../support/aim.ts";
import { useDarkroom } from "../support/darkroom.ts";
import { pauseAfter } from "../support/polling.ts";

skipUnlessEmbedded("needs several instances");

const darkroom = useDarkroom({ instances: 2 });
const main = fileURLToPath(new URL("../../scripts/ops/main.ts", import.meta.url));
const run = promisify(execFile);

/** One command, as an operator types it; what it prints, and how it ends. */
async function ops(words: string[], env: Record<string, string> = {}) {
  const { url, key = "" } = darkroom.running;
  try {
    const { stdout } = await run(process.execPath, [main, ...words], {
      env: { ...process.env, DARKROOM_URL: url, DARKROOM_KEY: key, NODE_NO_WARNINGS: "1", ...env },
    });
    return { exitCode: 0, stdout, stderr: "" };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, stdout, stderr };
  }
}
const printed = async <T>(...words: string[]): Promise<T> => JSON.parse((await ops(words)).stdout) as T;

const statusAt = async (instance: number, key: string) => {
  const url = new URL("/api/models", darkroom.running.instances[instance]?.url);
  return (await fetch(url, { headers: { "api-key": key } })).status;
};

it("a key opens on both instances soon after it is made, and on neither ten seconds after it is revoked", async () => {
  await printed("callers", "add", "web");
  const { id, key } = await printed<{ id: string; key: string }>("keys", "add", "web");
  for (const instance of [0, 1])
    await expect.poll(() => statusAt(instance, key), { timeout: 10_000 }).toBe(200);
  await printed("keys", "revoke", "web", id);
  const start = performance.now();
  while (performance.now() - start < 10_000) await pauseAfter(start);
  expect([await statusAt(0, key), await statusAt(1, key)]).toEqual([401, 401]);
});

it("an operator sees another caller's job, cancels it, retries one that failed, and the audit says so", async () => {
  await printed("callers", "add", "phone");
  const { key } = await printed<{ key: string }>("keys", "add", "phone");
  const post = async (prompt: string) => {
    const headers = { "api-key": key };
    await expect.poll(() => statusAt(0, key)).toBe(200);
    const reply = await darkroom.postJson("/api/images/generations", { model: "dall-e-3", prompt }, headers);
    return ((await reply.json()) as { id: string }).id;
  };
  const running = await post("slow [[latency=20000]]");
  const list = await printed<{ jobs: { id: string; caller: string }[] }>("jobs", "list");
  expect(list.jobs).toContainEqual(expect.objectContaining({ id: running, caller: "key:phone" }));
  expect(await printed("jobs", "cancel", running)).toMatchObject({ id: running, status: "canceled" });
  expect(await printed("jobs", "show", running)).toMatchObject({ status: "canceled", caller: "key:phone" });

  const refused = await ops(["jobs", "retry", running]);
  expect([refused.exitCode, refused.stderr]).toEqual([
    1,
    "This job is canceled; only a failed one can be retried. (409)\n",
  ]);
  const { entries } = await printed<{ entries: object[] }>("audit", "--limit", "5");
  expect(entries).toMatchObject([
    { act: "audit-list" },
    { act: "job-retry", target: running, outcome: "conflict", operator: "key:local" },
    { act: "jobs-get", target: running, outcome: "200" },
    { act: "job-cancel", target: running, outcome: "200" },
    { act: "jobs-list", outcome: "200" },
  ]);
});

it("every ops line of docs/operations.md does what it says, as it stands there", async () => {
  const { id: failed } = await darkroom.accept({ model: "dall-e-3", prompt: "[[status=404]]" });
  expect(await darkroom.ended(failed)).toMatchObject({ status: "failed" });
  const lines = [...readFileSync("docs/operations.md", "utf8").matchAll(/^npm run ops -- (.+)$/gm)];
  expect(lines.length).toBeGreaterThan(7);
  let keyId = "";
  for (const [, line = ""] of lines) {
    const words = line.replace(/#.*/, "").replace("KEY_ID", keyId).replace("JOB_ID", failed);
    const { exitCode, stdout, stderr } = await ops(words.replace(" web", " walker").trim().split(/ +/));
    expect([exitCode, stderr], line).toEqual([0, ""]);
    if (line.startsWith("keys add")) keyId = (JSON.parse(stdout) as { id: string }).id;
  }
  expect(await printed("resume")).toEqual({ mode: "open" });
  const health = await darkroom.fetch("/api/health");
  const { version, build } = (await health.json()) as Record<string, unknown>;
  expect([health.status, typeof version, typeof build]).toEqual([200, "string", "string"]);
});

it("a paused app accepts a job and begins it once it is open; a draining one refuses it", async () => {
  expect(await printed("pause")).toEqual({ mode: "paused" });
  const { id } = await darkroom.accept({ model: "dall-e-3", prompt: "patient" });
  expect(await printed("drain")).toEqual({ mode: "draining" });
  expect((await darkroom.post({ model: "dall-e-3", prompt: "late" })).status).toBe(503);
  expect(await darkroom.job(id)).toMatchObject({ status: "queued" });
  expect(await printed("resume")).toEqual({ mode: "open" });
  expect(await darkroom.ended(id)).toMatchObject({ status: "succeeded" });
});

it.each([
  [[], "A command is missing; there are: "],
  [["job", "list"], "There is no command job list; there are: "],
  [["jobs", "show"], "jobs show needs ID."],
  [["keys", "revoke", "web"], "keys revoke needs KEY_ID."],
  [["jobs", "list", "everything"], "jobs list takes nothing more: everything."],
  [["jobs", "show", "x", "--limit", "3"], "jobs show takes no --limit."],
  [["jobs", "list", "--colour", "red"], "Unknown option '--colour'"],
  [["jobs", "show", "x"], "There is no such job. (404)"],
  [["jobs", "list", "--limit", "many"], "limit must be "],
  [["callers", "add", "web", "--scopes", "everything"], "scopes.0 must be one of: "],
  [["keys", "revoke", "local", "x"], "The keys of local stand in the setting API_KEYS"],
])("%j ends with a sentence", async (words, sentence) => {
  const { exitCode, stdout, stderr } = await ops(words);
  expect([stdout, stderr.startsWith(sentence), stderr.trim().split("\n").length]).toEqual(["", true, 1]);
  expect(exitCode).toBeGreaterThan(0);
});

it("no address, no key, a wrong key, a key of no operator and nobody there are sentences as well", async () => {
  const ends = async (env: Record<string, string>) => {
    const { exitCode, stderr } = await ops(["jobs", "list"], env);
    return [exitCode, stderr];
  };
  expect(await ends({ DARKROOM_URL: "" })).toEqual([2, expect.stringMatching(/^DARKROOM_URL must be .*\n$/)]);
  expect(await ends({ DARKROOM_KEY: "" })).toEqual([2, "DARKROOM_KEY must be the key of an operator.\n"]);
  expect(await ends({ DARKROOM_KEY: "wrong" })).toEqual([1, "This key is not known here. (401)\n"]);
  expect(await ends({ DARKROOM_URL: "http://127.0.0.1:9" })).toEqual([
    1,
    "Nobody answers at http://127.0.0.1:9.\n",
  ]);
  const { exitCode, stdout } = await ops(["--help"]);
  expect([exitCode, stdout.includes("keys revoke NAME KEY_ID")]).toEqual([0, true]);
});
