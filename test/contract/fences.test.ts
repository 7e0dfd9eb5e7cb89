import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cruise, type IConfiguration, type ICruiseResult, type IFlattenedRuleSet } from "dependency-cruiser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

/** Forbidden imports, each by the file that has it and by the rule that refuses it. */
const imports: [file: string, imported: string, rule: string][] = [
  ["src/domain/a.ts", "../ports/p.ts", "domain-imports"],
  ["src/domain/b.ts", "node:crypto", "domain-imports-no-node"],
  ["src/domain/c.ts", "zod", "domain-imports"],
  ["src/domain/image-format/a.ts", "../../ports/p.ts", "domain-imports"],
  ["src/async/a.ts", "../domain/d.ts", "async-imports"],
  ["src/ports/a.ts", "../jobs/j.ts", "ports-imports"],
  ["src/contracts/a.ts", "../ports/p.ts", "contracts-imports"],
  ["src/orchestrations/a.ts", "../activities/a.ts", "orchestrations-imports"],
  ["src/orchestrations/b.ts", "crypto", "orchestrations-imports-no-node"],
  ["src/activities/a.ts", "../functions/f.ts", "activities-imports"],
  ["src/activities/b.ts", "../adapters/storage/s.ts", "activities-imports"],
  ["src/activities/c.ts", "../connector/c.ts", "activities-imports"],
  ["src/http/a.ts", "../jobs/j.ts", "http-imports"],
  ["src/jobs/a.ts", "../edits/e.ts", "jobs-imports"],
  ["src/jobs/b.ts", "../connector/c.ts", "jobs-imports"],
  ["src/edits/a.ts", "../adapters/storage/s.ts", "edits-imports"],
  ["src/retention/a.ts", "../adapters/storage/s.ts", "retention-imports"],
  ["src/functions/b.ts", "../orchestrations/o.ts", "functions-imports"],
  ["src/functions/c.ts", "../connector/c.ts", "functions-imports"],
  ["src/functions/e.ts", "../dialects/d.ts", "functions-imports"],
  ["src/connector/a.ts", "../adapters/storage/s.ts", "connector-imports"],
  ["src/dialects/openai/a.ts", "../../adapters/storage/s.ts", "dialects-imports"],
  ["src/config/a.ts", "../adapters/storage/s.ts", "config-imports"],
  ["src/adapters/azure/a.ts", "../storage/s.ts", "adapters/azure-imports"],
  ["src/adapters/crypto/a.ts", "../storage/s.ts", "adapters/crypto-imports"],
  ["src/adapters/net/a.ts", "../storage/s.ts", "adapters/net-imports"],
  ["src/adapters/node/a.ts", "../storage/s.ts", "adapters/node-imports"],
  ["src/adapters/openai/a.ts", "../storage/s.ts", "adapters/openai-imports"],
  ["src/adapters/storage/a.ts", "../telemetry/t.ts", "adapters/storage-imports"],
  ["src/adapters/telemetry/a.ts", "../net/n.ts", "adapters/telemetry-imports"],
  ["src/index.ts", "./adapters/telemetry/start.ts", "telemetry-sdk-on-demand"],
  ["gallery/a.ts", "../src/domain/d.ts", "gallery-imports"],
  ["gallery/b.ts", "node:fs", "gallery-imports-no-node"],
  ["src/functions/d.ts", "../../local/l.ts", "app-and-host-are-strangers"],
  ["local/a.ts", "../src/domain/d.ts", "local-stack-imports-no-app"],
  ["packages/functions-host/src/a.ts", "../../../src/domain/d.ts", "local-stack-imports-no-app"],
  ["packages/functions-host/src/b.ts", "../../azure-openai-simulator/src/s.ts", "packages-are-strangers"],
  ["local/b.ts", "../test/t.ts", "product-imports-no-tests"],
];
const targets = [
  ...[
    "activities/a",
    "connector/c",
    "contracts/c",
    "dialects/d",
    "domain/d",
    "edits/e",
    "functions/f",
    "jobs/j",
  ],
  ...["orchestrations/o", "ports/p", "adapters/net/n", "adapters/storage/s", "adapters/telemetry/t"],
  "adapters/telemetry/start",
].map((name) => `src/${name}.ts`);

/** Calls that a pure or replayed file may not make. */
const calls: [file: string, line: string][] = [
  ["src/domain/now.ts", "export const now = Date.now();"],
  ["src/domain/chance.ts", "export const chance = Math.random();"],
  ["src/domain/fetched.ts", 'export const reply = fetch("http://127.0.0.1");'],
  ["src/domain/random.ts", "export const id = crypto.randomUUID();"],
  ["src/orchestrations/date.ts", "export const now = new Date();"],
  ["src/orchestrations/timer.ts", "export const timer = setTimeout(() => undefined, 1);"],
  ["src/orchestrations/chance.ts", "export const chance = Math.random();"],
  ["src/functions/environment.ts", "export const home = process.env;"],
  ["src/adapters/storage/chance.ts", "export const chance = Math.random();"],
  ["src/activities/print.ts", "console.log(1);"],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-fences-"));
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  const others = ["local/l.ts", "test/t.ts", "packages/azure-openai-simulator/src/s.ts"];
  for (const file of [...targets, ...others]) await write(file, "export const it = 1;\n");
  for (const [file, imported] of imports) {
    await write(file, `import * as it from "${imported}";\nexport const its = it;\n`);
  }
  for (const [file, line] of calls) await write(file, `${line}\n`);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe("the fence of imports", () => {
  let found: string[];
  beforeAll(async () => {
    const module = (await import(pathToFileURL(join(root, ".dependency-cruiser.mjs")).href)) as {
      default: IConfiguration;
    };
    const { forbidden, options } = module.default;
    const ruleSet = { forbidden } as IFlattenedRuleSet;
    const { output } = await cruise(["src", "gallery", "local", "packages"], {
      ...options,
      baseDir: folder,
      validate: true,
      ruleSet,
    });
    found = (output as ICruiseResult).summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`);
  });

  it.each(imports)("refuses that %s imports %s, by %s", (file, _, rule) => {
    expect(found).toContain(`${file}: ${rule}`);
  });
});

describe("the fence of calls", () => {
  let refused: string[];
  beforeAll(async () => {
    // Types aside, which planted files have none of; places are told from where the rules lie.
    const config = JSON.parse(await readFile(join(root, ".oxlintrc.json"), "utf8")) as { options?: object };
    delete config.options;
    await writeFile(join(folder, ".oxlintrc.json"), JSON.stringify(config));
    await cp(join(root, "package.json"), join(folder, "package.json"));
    const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
    const printed = await new Promise<string>((resolve) => {
      execFile(process.execPath, [oxlint, "--format", "json"], { cwd: folder }, (_, out) => resolve(out));
    });
    const { diagnostics } = JSON.parse(printed) as { diagnostics: { filename: string; code: string }[] };
    refused = diagnostics
      .filter(({ code }) => /no-restricted-(globals|properties)|no-console/.test(code))
      .map(({ filename }) => filename);
  });

  it.each(calls)("refuses in %s: %s", (file) => {
    expect(refused).toContain(file);
  });
});
