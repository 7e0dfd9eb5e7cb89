/** What a process of the host runs. */
export interface Running {
  /** What the parent is told when it is ready. */
  ready: Readonly<Record<string, unknown>>;
  drain(grace: number): Promise<void>;
}

/** How long calls in flight may take to finish when the process is told to stop. */
const drainGrace = 5000;

// Told in their own words; anything else is a bug and shows where.
const plainErrors = ["ConfigurationError", "FolderInUse", "HubLost"];

/** Runs a host, or the hub of several, as a process that drains on a signal and never outlives its parent. */
export function runProcess(start: () => Promise<Running>): void {
  // Fail fast: after an uncaught exception nothing in this process can be trusted, and the journal holds all
  // that matters. Anyone who started the process starts it again.
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  // Listening from the first moment on: a parent that dies while the app loads must not leave an orphan.
  const state: { running?: Running; stopping: boolean } = { stopping: false };
  const stop = (): void => {
    if (state.stopping) return;
    state.stopping = true;
    if (!state.running) process.exit(0);
    state.running.drain(drainGrace).then(
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
  start().then((running) => {
    state.running = running;
    process.send?.({ ready: true, ...running.ready });
  }, fail);
}

function fail(error: unknown): never {
  if (error instanceof Error) {
    const isPlain = plainErrors.includes(error.name);
    process.stderr.write(`${isPlain ? error.message : (error.stack ?? error.message)}\n`);
  } else {
    process.stderr.write(`${String(error)}\n`);
  }
  process.exit(1);
}
