import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import SlowFilesFirst from "./test/support/slow-files-first.ts";

interface Means {
  globalSetup?: string[];
  pool?: "threads";
  isolate?: false;
}

/** One project per tier; a tier's promise about speed and reach is in CONTRIBUTING.md. */
const tier = (name: string, timeout: number, means: Means = {}) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`, `packages/*/test/${name}/**/*.test.ts`],
    testTimeout: timeout,
    hookTimeout: Math.max(timeout, 60_000),
    ...means,
  },
});

// Files keep no state in modules and leave no global changed, so that a worker loads each module once.
const shared: Means = { pool: "threads", isolate: false };
const stripping = "test/support/stripped-types.ts";
const spawning: Means = { globalSetup: [stripping], isolate: false };
const storing = [stripping, "test/support/shared-azurite.ts"];
const stored: Means = { globalSetup: storing, isolate: false };
const packaged: Means = {
  globalSetup: ["test/support/packaged-app.ts", ...storing, "test/support/shared-darkroom.ts"],
  isolate: false,
};

// A host that somebody else started is asked by one test file at a time: they share its simulator and its storage.
const isAimed = process.env["DARKROOM_URL"] !== undefined;
// On a host other than the embedded one, what it doesn't offer is skipped; and Microsoft's takes its time, after a kill most of all.
const isForeign = isAimed || process.env["DARKROOM_HOST"] === "func";
const foreign = { runner: "./test/support/skipping-runner.ts", ...(isAimed && { maxWorkers: 1 }) };
const hostMs = isForeign ? 900_000 : 120_000;

export default defineConfig({
  test: {
    pool: "forks",
    reporters: [
      "default",
      ["json", { outputFile: ".reports/tests.json" }],
      ...(isForeign ? ["./test/support/skips-reporter.ts"] : []),
    ],
    sequence: { sequencer: SlowFilesFirst },
    // What is waited for comes late on a busy machine; a second is the default.
    expect: { poll: { timeout: 10_000 } },
    // Azurites and shared stacks are asked to end, not killed.
    teardownTimeout: 60_000,
    // More than there are cores: most of a file's time is waiting.
    maxWorkers: availableParallelism() + 4,
    ...(isForeign && foreign),
    projects: [
      tier("unit", 20_000, shared),
      // Virtual time: the limit ends what hangs, and judges no machine.
      tier("orchestration", 120_000, shared),
      tier("adapter", 30_000, stored),
      tier("contract", 30_000, shared),
      tier("platform", 60_000, spawning),
      tier("host", hostMs, packaged),
      tier("browser", hostMs, packaged),
    ],
  },
});
