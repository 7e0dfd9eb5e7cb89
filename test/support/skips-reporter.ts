import type { Reporter, TestModule } from "vitest/node";

/** Says aloud what was skipped, and why: a suite on another host must not pass for one that was run whole. */
export default class SkipsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests("skipped")]);
    const passed = modules.flatMap((module) => [...module.children.allTests("passed")]);
    const byReason = Map.groupBy(skipped, (test) => {
      const result = test.result();
      return result.state === "skipped" && result.note !== undefined ? result.note : "no reason given";
    });
    const lines = [...byReason].flatMap(([reason, tests]) => [
      `  ${tests.length} skipped: ${reason}`,
      ...tests.map((test) => `      ${test.module.relativeModuleId} > ${test.fullName}`),
    ]);
    const url = process.env["DARKROOM_URL"];
    const where = url === undefined ? "On Microsoft's host" : `Aimed at ${url}`;
    process.stdout.write(
      ["", `${where}: ${passed.length} passed, ${skipped.length} skipped.`, ...lines, ""].join("\n"),
    );
  }
}
