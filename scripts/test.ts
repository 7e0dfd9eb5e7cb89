import type { ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import spawn from "cross-spawn";

/**
 * `npm test`: lint, and beside it every test tier, since neither keeps two processors busy by itself. Arguments go to the test runner. What
 * lint says comes last, and fails the run as a test does.
 */
const lint = spawn("npm", ["run", "--silent", "lint"], { stdio: ["ignore", "pipe", "pipe"] });
const words = [lint.stdout, lint.stderr].map(async (stream) => (stream ? text(stream) : ""));
const linted = endOf(lint);
const tested = endOf(spawn("vitest", ["run", ...process.argv.slice(2)], { stdio: "inherit" }));
const isTested = await tested;
const isLinted = await linted;
process.stdout.write((await Promise.all(words)).join(""));
console.log(isLinted ? "Lint found nothing." : "Lint failed: what it found is above.");
process.exitCode = isTested && isLinted ? 0 : 1;

function endOf(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code === 0));
  });
}
