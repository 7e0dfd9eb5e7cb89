import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { startScript } from "./start-script.ts";

startScript(
  `npm run verify            its last line: what a test run came to. An argument names another report than .reports/tests.json`,
);

/** Prints "N passed, N failed, N skipped" from the test runner's JSON report, and fails unless tests ran and passed. */
const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  success: z.boolean(),
});

const [file = ".reports/tests.json"] = process.argv.slice(2);
if (existsSync(file)) {
  const totals = report.parse(JSON.parse(readFileSync(file, "utf8")));
  const skipped = totals.numPendingTests + totals.numTodoTests;
  if (!totals.success || totals.numPassedTests === 0) process.exitCode = 1;
  if (!totals.success && totals.numFailedTests === 0)
    console.error(
      "The run failed although no test did: an error outside of the tests, or a file that didn't load; see above.",
    );
  console.log(`${totals.numPassedTests} passed, ${totals.numFailedTests} failed, ${skipped} skipped`);
} else {
  console.error("No test has run: types or lint, above, come first.");
  process.exitCode = 1;
}
