import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { attribute, counters, histograms } from "../../../src/adapters/telemetry/names.ts";

/** docs/operations.md, line by line: what each command is run by, and that its questions are about what the app tells. */

const text = readFileSync("docs/operations.md", "utf8");

/** Each command that needs no subscription, with the test that runs it and what shows there that it does. */
const runBy: Record<string, [file: string, shows: string]> = {
  "curl -i": ["test/host/operators.test.ts", "/api/health"],
  "npm run ops -- drain": ["test/host/operators.test.ts", "npm run ops -- (.+)"],
  "npm run package": ["test/support/packaged-app.ts", "package"],
  "npm start": ["test/host/start.test.ts", '["start", "--silent"'],
  "npm start -- --trace": ["test/host/start.test.ts", '"--trace"'],
};
/** Within a test, nothing can run these: what runs all tests, and what makes keys by chance. */
const outside = ["npm ci", "npm run verify", "openssl rand -base64 32"];
const hash = `node -p 'crypto.createHash("sha256").update("THE-KEY").digest("hex")'`;
/** These change or ask Azure, and take a subscription. */
const isAzures = (command: string) => /^(az|azd|azcopy)\b/.test(command);

it("every command of docs/operations.md is run by a test, or takes a subscription", () => {
  const inline = [...text.matchAll(/`((?:az|azd|azcopy|curl|node|npm|openssl)\b[^`\n]*)`/g)];
  const commands = inline.map(([, command = ""]) => command).filter((command) => !isAzures(command));
  expect(new Set(commands)).toEqual(new Set([...Object.keys(runBy), ...outside, hash]));
  for (const [command, [file, shows]] of Object.entries(runBy))
    expect(readFileSync(file, "utf8"), command).toContain(shows);
  // Whole blocks are Azure's, or ops', which are run as they stand.
  const blocks = [...text.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, block = ""]) =>
    block.trim().replaceAll("\\\n", " ").split("\n"),
  );
  expect(
    blocks.filter((line) => !isAzures(line) && !/^(export DARKROOM_URL=|npm run ops -- )/.test(line)),
  ).toEqual([]);
});

it("the command for a key's hash makes it", () => {
  const printed = execFileSync("sh", ["-c", hash.replace(/^node/, `"${process.execPath}"`)], {
    encoding: "utf8",
  });
  expect(printed.trim()).toBe(createHash("sha256").update("THE-KEY").digest("hex"));
});

const workbook = JSON.stringify(JSON.parse(readFileSync("infra/modules/workbook.json", "utf8")))
  .replaceAll('\\"', '"')
  .split('"query":"')
  .slice(1);
const alerts = [...readFileSync("infra/modules/alerts.bicep", "utf8").matchAll(/query: '([^']+)'/g)];
const questions = [...text.matchAll(/```kusto\n([^`]+)```/g)];

describe.each([
  ["question", questions.map(([, query = ""]) => query)],
  ["table of the workbook", workbook],
  ["alert", alerts.map(([, query = ""]) => query)],
])("every %s", (_, queries) => {
  it.each(queries)("is about what the app tells: %.60s", (query) => {
    const instruments = Object.keys({ ...counters, ...histograms });
    const names = [...query.matchAll(/"(darkroom\.[a-z_.]+)"/g)].map(([, name = ""]) => name);
    const dimensions = [...query.matchAll(/customDimensions\["([^"]+)"\]/g)].map(([, name = ""]) => name);
    expect(Object.values(attribute)).toEqual(expect.arrayContaining(dimensions));
    expect([...instruments, ...Object.values(attribute)]).toEqual(expect.arrayContaining(names));
  });
});
