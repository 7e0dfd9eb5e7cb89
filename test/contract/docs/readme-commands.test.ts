import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** Each command that README shows, with the test that runs it and what shows there that it does. */
const runBy: Record<string, [file: string, shows: string]> = {
  "npm ci && npm start": ["test/host/start.test.ts", '["start", "--silent"'],
  "npm run demo": ["test/host/readme-commands.test.ts", "scripts/demo.ts"],
  "npm run faults": ["test/host/faults.test.ts", "runBatch("],
  "npm run bench": ["test/host/bench.test.ts", "scripts/bench/bench.ts"],
  "npm run clients": ["test/host/readme-commands.test.ts", "scripts/clients/main.ts"],
  "npm run ops -- --help": ["test/host/operators.test.ts", 'ops(["--help"])'],
  "npm start -- --help": ["test/platform/scripts.test.ts", "says by --help how it is used"],
  "npm start -- --host 0.0.0.0": ["test/host/start.test.ts", '"--host", "0.0.0.0"'],
  "npm start -- --instances 2": ["test/host/start.test.ts", '"--instances", "2"'],
  "npm start -- --trace": ["test/host/start.test.ts", '"--trace"'],
  "npm run start:func": ["test/platform/start-func.test.ts", "--func"],
};
/** What runs all tests, and what takes a subscription: nothing within a test could. */
const outside = ["npm ci && npm test", "azd auth login && az login", "azd up"];

it("every command of README is run by a test", () => {
  const readme = readFileSync("README.md", "utf8");
  const blocks = [...readme.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, text = ""]) =>
    text.trim().split("\n"),
  );
  const rows = [...readme.matchAll(/^\| `(npm [^`]+)` /gm)].map(([, command = ""]) => command);
  const commands = [...blocks.map((line) => line.replace(/\s+#.*$/, "")), ...rows];
  expect(new Set(commands)).toEqual(new Set([...Object.keys(runBy), ...outside]));
  for (const [command, [file, shows]] of Object.entries(runBy))
    expect(readFileSync(file, "utf8"), command).toContain(shows);
});
