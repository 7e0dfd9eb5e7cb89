import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const documents = { race: "benchmarks", load: "benchmarks", scale: "scale" } as const;
export type Recorded = keyof typeof documents;

/** What the machine is, and whether it had something else to do. To be asked before anything is measured. */
export function describeMachine(): string {
  const all = cpus();
  const load = loadavg()[0] ?? 0;
  const isBusy = load > all.length / 2;
  const busy = `**Not figures of record**: the machine was at work on other things (load ${load.toFixed(1)}).`;
  const machine = `${all.length} processors (${all[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GB`;
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${machine}, Node ${process.version}.${isBusy ? ` ${busy}` : ""}`;
}

/** Puts a bench's output in the place of the last between its two marks. */
export async function recordFigures(name: Recorded, figures: string): Promise<void> {
  const path = fileURLToPath(new URL(`../../docs/${documents[name]}.md`, import.meta.url));
  const text = await readFile(path, "utf8");
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, after] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (before < begin.length || after < before)
    throw new Error(`docs/${documents[name]}.md has no place for ${name}.`);
  await writeFile(path, `${text.slice(0, before)}\n\n${figures}\n\n${text.slice(after)}`);
  const formatter = fileURLToPath(new URL("../../node_modules/oxfmt/bin/oxfmt", import.meta.url));
  await promisify(execFile)(process.execPath, [formatter, path]);
}
