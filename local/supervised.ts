import type { Child } from "./child.ts";

/** A child that is started again when it ends by itself, as the platform would. */
export interface Supervised {
  /** The one that runs now, or ran last. */
  child(): Child;
  /** Resolves as soon as it runs, at once where it does. */
  running(): Promise<Child>;
  /** Rejects when it can't be brought back; settles otherwise only after `stop` or `kill`. */
  ended: Promise<void>;
  /** Ends it, and it stays away. */
  stop(): Promise<void>;
  /** Ends it without warning, and it stays away. */
  kill(): Promise<void>;
}

// A child that can't start this often in a row won't start at all.
const maxFailedStarts = 5;

/** `start` is given the child before, if there was one. */
export async function supervise(
  start: (before?: Child) => Promise<Child>,
  onRestart?: () => void,
): Promise<Supervised> {
  let child = await start();
  let running = Promise.resolve(child);
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;

  const bringBack = async (): Promise<Child> => {
    for (let failures = 1; ; failures += 1) {
      try {
        return await start(child);
      } catch (error) {
        if (failures === maxFailedStarts || isStopping()) throw error;
      }
    }
  };
  const watch = async () => {
    for (;;) {
      await child.exited;
      if (isStopping()) return;
      onRestart?.();
      running = bringBack();
      child = await running;
      if (isStopping()) await child.stop();
    }
  };
  const ended = watch();
  // Anyone who waits for the end is told; a rejection that nobody waits for must not end the process by itself.
  ended.catch(() => undefined);
  const settled = () => ended.catch(() => undefined);
  return {
    child: () => child,
    running: () => running,
    ended,
    async stop() {
      stopping.abort();
      await child.stop();
      await settled();
    },
    async kill() {
      stopping.abort();
      signal(child, "SIGKILL");
      await settled();
    },
  };
}

/** Sends a signal to a child that may be gone already. */
export function signal({ pid }: Child, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
