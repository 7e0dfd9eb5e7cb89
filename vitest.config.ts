import { defineConfig } from "vitest/config";

/** One project per tier; a tier's promise about speed and reach is in CONTRIBUTING.md. */
const tier = (name: string, timeout: number, globalSetup: string[] = []) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeout,
    hookTimeout: Math.max(timeout, 60_000),
    globalSetup,
  },
});

// A host that somebody else started is asked by one test file at a time: they share its simulator and its storage.
const isAimed = process.env["DARKROOM_URL"] !== undefined;
const aimed = { runner: "./test/support/aimed-runner.ts", maxWorkers: 1 };

export default defineConfig({
  test: {
    pool: "forks",
    reporters: [
      "default",
      ["json", { outputFile: ".reports/tests.json" }],
      ...(isAimed ? ["./test/support/aimed-reporter.ts"] : []),
    ],
    maxWorkers: 2,
    ...(isAimed && aimed),
    projects: [
      tier("unit", 20_000),
      tier("orchestration", 10_000),
      tier("adapter", 30_000),
      tier("contract", 30_000),
      tier("platform", 60_000),
      tier("host", 120_000, ["test/support/packaged-app.ts"]),
      tier("browser", 120_000, ["test/support/packaged-app.ts"]),
    ],
  },
});
