import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { importOf } from "./import-time.ts";
import { median, milliseconds } from "./numbers.ts";
import type { Row } from "./table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const boundMs = { import: 90, stack: 2_000, all: 4_000 };

/** How long the app's import takes with nothing cached, and `npm start`, with its build, to its ready line. */
export async function measureStart(rounds: number): Promise<Row[]> {
  const times = { import: [] as number[], build: [] as number[], stack: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    // One that is current would be kept.
    await rm(join(root, "dist"), { recursive: true, force: true });
    times.build.push(
      await timed(() => promisify(execFile)(process.execPath, [join(root, "scripts/build.ts")])),
    );
    times.stack.push(await timeOfStack());
    times.import.push((await importOf(join(root, "dist/index.cjs"))).ms);
  }
  const [build, stack] = [median(times.build), median(times.stack)];
  return [
    row("import of the app, nothing cached", boundMs.import, median(times.import)),
    row("npm start: the stack, to its ready line", boundMs.stack, stack),
    row("npm start: with its build", boundMs.all, build + stack),
  ];
}

async function timeOfStack(): Promise<number> {
  const data = await mkdtemp(join(tmpdir(), "darkroom-start-"));
  const options = ["local/start.ts", "--json", "--port", "0", "--data", data];
  const began = performance.now();
  const stack = spawn(process.execPath, options, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(stack, "exit");
  // The line is the first that it prints.
  await Promise.race([once(stack.stdout, "data"), ended]);
  const took = performance.now() - began;
  if (stack.exitCode !== null) throw new Error("The stack ended before it was ready.");
  stack.kill("SIGTERM");
  await ended;
  await rm(data, { recursive: true, force: true });
  return took;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

function row(what: string, bound: number, ms: number): Row {
  return { what: `${what} / ${bound} ms`, figures: milliseconds(ms), ratio: ms / bound, bound: 1 };
}
