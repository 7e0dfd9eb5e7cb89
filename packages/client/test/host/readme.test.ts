import spawn from "cross-spawn";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { aPicture } from "../../../../test/support/edits.ts";
import { useSharedDarkroom } from "../../../../test/support/darkroom.ts";
import { Darkroom } from "../../src/client.ts";

/** README's snippets as a newcomer runs them: by the package that `npm pack` makes, installed into an empty folder. */

const darkroom = useSharedDarkroom();
const here = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "darkroom-client-"));
const [snippet = "", flow = ""] = [
  ...readFileSync(`${here}README.md`, "utf8").matchAll(/^```(?:ts|js)\n(.*?)^```/gms),
].map(([, code = ""]) => code);

const server = createServer((request, response) => {
  const answer = request.url === "/token" ? newToken() : aPicture(40);
  answer.then((body) => response.end(body)).catch(() => response.destroy());
});

async function newToken(): Promise<string> {
  const own = new Darkroom({ url: darkroom.running.url, apiKey: darkroom.running.key ?? "" });
  return (await own.createToken({ subject: "a-phone" })).token;
}

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  npm(here, "pack", "--pack-destination", folder);
  writeFileSync(join(folder, "package.json"), "{}");
  npm(folder, "install", "--offline", "--no-audit", "--no-fund", "./darkroom-client-0.1.0.tgz");
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function npm(cwd: string, ...args: string[]): void {
  const { status, stderr } = spawn.sync("npm", args, { cwd, encoding: "utf8" });
  expect(status, stderr).toBe(0);
}

async function run(name: string, code: string): Promise<string> {
  writeFileSync(join(folder, name), code);
  return (await promisify(execFile)(process.execPath, [name], { cwd: folder })).stdout;
}

const lines = (code: string) => code.split("\n").filter((line) => line.trim() !== "").length;

it("the first snippet has five lines and prints a picture's link", async () => {
  const { url, key = "" } = darkroom.running;
  expect(lines(snippet)).toBe(5);
  const printed = await run(
    "first.mjs",
    snippet.replace("http://127.0.0.1:7071", url).replace("YOUR-KEY", key),
  );
  const [, link = ""] = /'(http[^']+)'/.exec(printed) ?? [];
  expect((await fetch(link)).headers.get("content-type")).toMatch(/^image\//);
});

it("the flow of an app has at most 25 lines, and finds its job again after the app was closed", async () => {
  expect(lines(flow)).toBeLessThanOrEqual(25);
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const code = flow
    .replace("https://darkroom.example", darkroom.running.url)
    .replace("https://your-server.example", own);
  writeFileSync(join(folder, "flow.mjs"), code);
  const storage = `
    import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
    import { editPhoto, resume } from "./flow.mjs";
    const storage = {
      setItem: (name, value) => writeFileSync(name, value),
      getItem: (name) => (existsSync(name) ? readFileSync(name, "utf8") : null),
      removeItem: (name) => rmSync(name),
    };`;
  const closed = await run(
    "closed.mjs",
    `${storage}
    const show = ({ partials: [partial] }) => partial && (console.log(partial.url), process.exit());
    await editPhoto("${own}/photo", "A flow's balloon [[latency=3000]]", { storage, show });`,
  );
  expect(closed).toMatch(/^http/);
  const opened = `${storage} console.log(JSON.stringify(await resume({ storage, show: () => {} }) ?? null));`;
  expect(JSON.parse(await run("opened.mjs", opened))).toMatchObject([
    { index: 0, content_type: "image/png" },
  ]);
  expect(JSON.parse(await run("again.mjs", opened))).toBeNull();
  expect(await darkroom.calls("A flow's balloon")).toHaveLength(1);
});
