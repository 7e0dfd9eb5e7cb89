import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { filesOf } from "./files-of.ts";
import { closureOf, type Locked } from "./lock-file.ts";

const run = promisify(execFile);

// Flex Consumption runs on Linux with glibc, whatever machine the package is made on.
const target = ["--os=linux", "--cpu=x64", "--libc=glibc"];

// Sources, types and build files; what is left are programs, their package.json, licences and notices.
const unneeded = new Set([".bnf", ".cc", ".cts", ".gyp", ".h", ".map", ".mts", ".ts"]);

/**
 * Installs one package for the target into `scratch`, as the lock file has it: the same versions, held against the same
 * hashes. Returns its files by their paths in the app.
 */
export async function linuxPackage(
  name: string,
  locked: Locked,
  scratch: string,
): Promise<Map<string, Uint8Array>> {
  const folder = `node_modules/${name}`;
  const version = locked[folder]?.version ?? "";
  const root = { name: "package", version: "0.0.0", dependencies: { [name]: version } };
  const packages = Object.fromEntries([...closureOf(locked, folder)].map((each) => [each, locked[each]]));
  const lock = { ...root, lockfileVersion: 3, requires: true, packages: { "": root, ...packages } };
  await writeFile(join(scratch, "package.json"), JSON.stringify(root));
  await writeFile(join(scratch, "package-lock.json"), JSON.stringify(lock));
  await npm(scratch, [...target, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]);

  // npm's own notes: the links to commands, and the list of what is installed.
  const isNote = (path: string) => path.startsWith("node_modules/.");
  return filesOf(scratch, "node_modules", (path) => !isNote(path) && !unneeded.has(extname(path)));
}

async function npm(cwd: string, args: string[]): Promise<void> {
  // What npm tells its scripts about itself is not meant for another npm.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(cache|registry)$)/i.test(name)),
  );
  const cli = process.env["npm_execpath"];
  const [command, first] = cli?.endsWith("npm-cli.js") ? [process.execPath, [cli]] : ["npm", []];
  // On Windows npm is a batch file, which only a shell runs.
  const shell = command === "npm" && process.platform === "win32";
  await run(command, [...first, "ci", ...args], { cwd, env, shell });
}
