import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../../../local/core-tools.ts";

export const portkeyVersion = "1.15.2";

export interface Gateway {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/**
 * Portkey's gateway, a peer that passes calls on and stores nothing. Its 83 packages are of no use but here, so it is no
 * dependency: it is installed into the cache the first time. Undefined where the registry can't be reached.
 */
export async function startPortkey(): Promise<Gateway | undefined> {
  const folder = fileURLToPath(
    new URL(`../../../node_modules/.cache/bench/portkey-${portkeyVersion}`, import.meta.url),
  );
  const entry = `${folder}/node_modules/@portkey-ai/gateway/build/start-server.js`;
  if (!existsSync(entry) && !(await install(folder))) return undefined;
  const port = await freePort();
  const child = spawn(process.execPath, [entry, `--port=${port}`, "--headless"], {
    stdio: "ignore",
    cwd: folder,
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await isThere(url)); tries += 1) {
    if (tries === 100 || child.exitCode !== null) throw new Error("Portkey's gateway doesn't answer.");
    await sleep(100);
  }
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}

/** A caller's way through it: headers that name the service behind. */
export function portkeyHeaders(upstream: string): Record<string, string> {
  return {
    authorization: "Bearer none",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `${upstream}/v1`,
  };
}

async function install(folder: string): Promise<boolean> {
  const args = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"];
  try {
    await promisify(execFile)("npm", [...args, `@portkey-ai/gateway@${portkeyVersion}`]);
    return true;
  } catch (error) {
    console.error(`Skipped: Portkey's gateway, which npm can't install: ${String(error)}`);
    return false;
  }
}

async function isThere(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
