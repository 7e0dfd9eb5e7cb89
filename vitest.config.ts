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

export default defineConfig({
  test: {
    pool: "forks",
    reporters: ["default", ["json", { outputFile: ".reports/tests.json" }]],
    maxWorkers: 2,
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
