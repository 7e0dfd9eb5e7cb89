import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { skipUnlessEmbedded } from "../support/aim.ts";

skipUnlessEmbedded("starts stacks of its own");

const cwd = fileURLToPath(new URL("../..", import.meta.url));
/** As npm runs it, but for the build, which the tier has done. Throws where it ends with another code than 0. */
const run = (file: string) => promisify(execFile)(process.execPath, [file], { cwd });

it("npm run demo ends with its pictures saved, each link opened, and nothing to complain of", async () => {
  const { stdout, stderr } = await run("scripts/demo.ts");
  expect(stderr).toBe("");
  expect(stdout).toContain("pictures and three edits saved in out/");
});

it("npm run clients has every client get what it asked for", async () => {
  const { stdout } = await run("scripts/clients/main.ts");
  const rows = stdout.trim().split("\n");
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !row.endsWith("| ok"))).toEqual([]);
});

it("npm start -- --trace draws each finished job", async () => {
  const data = await mkdtemp(join(tmpdir(), "darkroom-trace-"));
  const words = ["local/start.ts", "--port", "0", "--data", data, "--trace"];
  const child = spawn(process.execPath, words, { cwd });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const printed = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`It ended: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const [, url = "", key = ""] = await printed(/Page +(http:\/\/[^/\s]+)\S*\n *Key +(\S+)/);
  await printed(/Ctrl-C stops everything/);
  const reply = await fetch(`${url}/api/images/generations`, {
    method: "POST",
    headers: { "api-key": key, "content-type": "application/json", prefer: "wait=60" },
    body: JSON.stringify({ model: "dall-e-3", prompt: "A lighthouse at noon" }),
  });
  const { id } = (await reply.json()) as { id: string };
  await printed(new RegExp(`${id}[^]*\\n.*render`));
  const ended = once(child, "exit");
  child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
  await rm(data, { recursive: true, force: true });
});
