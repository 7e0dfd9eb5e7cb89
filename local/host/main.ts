import { parseArgs } from "node:util";
import { startHost } from "./host.ts";
import type { RunningHost } from "./host.ts";

const usage = "node local/host/main.ts --app DIR --port N --data DIR [--enforce-keys]";

/** How long calls in flight may take to finish when the host is told to stop. */
const drainGrace = 5000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      app: { type: "string" },
      port: { type: "string" },
      data: { type: "string" },
      "enforce-keys": { type: "boolean", default: false },
    },
  });
  const port = Number(values.port);
  if (values.app === undefined || values.data === undefined || !Number.isInteger(port)) {
    throw Object.assign(new Error(`Usage: ${usage}`), { name: "ConfigurationError" });
  }
  // Listening from the first moment on: a parent that dies while the app loads must not leave an orphan.
  const state: { host?: RunningHost; stopping: boolean } = { stopping: false };
  const stop = (): void => {
    if (state.stopping) return;
    state.stopping = true;
    if (!state.host) process.exit(0);
    state.host.drain(drainGrace).then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  // The reader of our output may be gone before we are; losing log lines must not cost the drain.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", stop);

  state.host = await startHost({
    appDirectory: values.app,
    port,
    dataDirectory: values.data,
    enforceKeys: values["enforce-keys"],
    environment: process.env,
    write: (text) => process.stdout.write(text),
  });
  process.send?.({ ready: true, url: state.host.url });
}

/** A mistake in the configuration is told in its own words; anything else is a bug and shows where. */
function fail(error: unknown): never {
  if (error instanceof Error) {
    const isPlain = error.name === "ConfigurationError" || error.name === "FolderInUse";
    process.stderr.write(`${isPlain ? error.message : (error.stack ?? error.message)}\n`);
  } else {
    process.stderr.write(`${String(error)}\n`);
  }
  process.exit(1);
}

// Fail fast: after an uncaught exception nothing in this process can be trusted, and the journal holds all
// that matters. Whoever started the host starts it again.
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
main().catch(fail);
