import type { ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import spawn from "cross-spawn";

const usage = `npm run test -- [FILES] [OPTIONS]   lint, and beside it every test tier, or those files alone

  Options are the test runner's: -t NAME, --project TIER …  (npx vitest --help names them all)`;

/**
 * Neither half keeps two processors busy by itself. What lint says comes last, and fails the run as a test does.
 */
async function run(words: readonly string[]): Promise<void> {
  const lint = spawn("npm", ["run", "--silent", "lint"], { stdio: ["ignore", "pipe", "pipe"] });
  const said = [lint.stdout, lint.stderr].map(async (stream) => (stream ? text(stream) : ""));
  const linted = endOf(lint);
  const isTested = await endOf(spawn("vitest", ["run", ...words], { stdio: "inherit" }));
  const isLinted = await linted;
  process.stdout.write((await Promise.all(said)).join(""));
  console.log(isLinted ? "Lint found nothing." : "Lint failed: what it found is above.");
  process.exitCode = isTested && isLinted ? 0 : 1;
}

function endOf(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code === 0));
  });
}

const words = process.argv.slice(2);
if (words.includes("--help")) console.log(usage);
else await run(words);
