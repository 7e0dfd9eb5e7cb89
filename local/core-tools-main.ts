import spawn from "cross-spawn";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { LoadFailureWatch } from "./load-failure.ts";

/**
 * Runs `func start` as a child that says when it answers, and never outlives its parent: Core Tools know nothing of either.
 * Settings come from the environment, which wins over a local.settings.json in the app's folder.
 */

// Between being asked to end and being ended: the host lets what runs finish.
const patienceMs = 6_000;
// The first start ever also fetches the host's extensions.
const startMs = 5 * 60_000;
// What the host prints after the first sign that the app can't be loaded: the rest of the reason.
const reasonMs = 1_000;
const isWindows = process.platform === "win32";

const { values } = parseArgs({
  options: { func: { type: "string" }, app: { type: "string" }, port: { type: "string" } },
});
const { func = "func", app = ".", port = "7071" } = values;
const url = `http://127.0.0.1:${port}`;

// --javascript: without a local.settings.json it can't tell from the files what they are written in.
const args = ["start", "--port", port, "--javascript"];
// It starts others: elsewhere than on Windows they are a group, which it leads.
const child = spawn(func, args, {
  cwd: app,
  stdio: ["ignore", "pipe", "pipe"],
  detached: !isWindows,
});
const gone = once(child, "exit");
let isStopping = false;
let exitCode = 1;

child.on("error", (error) => {
  console.error(`${func} can't be started: ${error.message}`);
  process.exit(1);
});
child.on("exit", () => {
  // What it started may still be there, whether it ended well or not, and hold what the next would need.
  end("SIGKILL");
  void untilGone().then(() => process.exit(exitCode));
});
const failure = new LoadFailureWatch();
for (const [from, to] of [
  [child.stdout, process.stdout],
  [child.stderr, process.stderr],
] as const) {
  from?.setEncoding("utf8").on("data", (text: string) => {
    to.write(text);
    if (failure.hear(text)) setTimeout(() => void fail(failure.reason), reasonMs);
  });
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop());
process.on("disconnect", () => void stop());

const givesUpAt = Date.now() + startMs;
while (!(await answers())) {
  if (Date.now() > givesUpAt)
    await fail(`The app has not answered at ${url}/api/health for ${startMs / 60_000} minutes.`);
  await sleep(200);
}
process.send?.({ ready: true, url, pid: child.pid });

async function fail(reason: string): Promise<void> {
  process.send?.({ failed: reason });
  await stop(1);
}

async function stop(code = 0): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  exitCode = code;
  end("SIGTERM");
  await Promise.race([gone, sleep(patienceMs)]);
  end("SIGKILL");
  process.exit(code);
}

/** Ends `func` and all that it has started. */
function end(signal: NodeJS.Signals): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (isWindows) spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"]);
    else process.kill(-pid, signal);
  } catch {
    // All of them are gone.
  }
}

/** Waits for a moment at most: who has ended but isn't buried yet still counts. */
async function untilGone(): Promise<void> {
  for (let waited = 0; waited < 2_000 && isThere(); waited += 20) await sleep(20);
}

function isThere(): boolean {
  if (isWindows || child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, 0);
  } catch {
    return false;
  }
}

/** The app itself, not the host alone, which answers for a while before it has loaded the app. */
async function answers(): Promise<boolean> {
  return fetch(`${url}/api/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}
