import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface FuncNotes {
  args: string[];
  cwd: string;
  env: Record<string, string>;
  pids: number[];
}

/** Puts a program named `func` in a folder that is then put on the PATH: it stands in for Azure Functions Core Tools. */
export function installFunc(folder: string, body: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "func"), `#!${process.execPath}\n${body}`);
  chmodSync(join(bin, "func"), 0o755);
  return bin;
}
