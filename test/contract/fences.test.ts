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
  ["src/records.ts", "./storage/s.ts", "records.ts-imports"],
  ["src/ports/a.ts", "../contracts/c.ts", "ports-imports"],
  ["src/ports.ts", "./domain/d.ts", "ports.ts-imports"],
  ["src/contracts/a.ts", "../records.ts", "contracts-imports"],
  ["src/job-view.ts", "./ports.ts", "job-view.ts-imports"],
  ["src/connector-view.ts", "./functions/f.ts", "connector-view.ts-imports"],
  ["src/orchestrations/a.ts", "../activities/a.ts", "orchestrations-imports"],
  ["src/orchestrations/b.ts", "crypto", "orchestrations-imports-no-node"],
  ["src/activities/a.ts", "../functions/f.ts", "activities-imports"],
  ["src/activities/b.ts", "../storage/s.ts", "activities-imports"],
  ["src/intake/a.ts", "../storage/s.ts", "intake-imports"],
  ["src/retention/a.ts", "../storage/s.ts", "retention-imports"],
  ["src/functions/connector/a.ts", "../../storage/s.ts", "functions-imports"],
  ["src/functions/b.ts", "../orchestrations/o.ts", "functions-imports"],
  ["src/dialects/openai/a.ts", "../../storage/s.ts", "dialects-imports"],
  ["src/functions/e.ts", "../dialects/d.ts", "functions-imports"],
  ["src/platform/a.ts", "../storage/s.ts", "platform-imports"],
  ["src/openai/a.ts", "../storage/s.ts", "openai-imports"],
  ["src/storage/a.ts", "../telemetry/t.ts", "storage-imports"],
  ["src/telemetry/a.ts", "../platform/p.ts", "telemetry-imports"],
  ["src/page/a.ts", "../domain/d.ts", "page-imports"],
  ["src/page/b.ts", "node:fs", "page-imports-no-node"],
  ["src/index.ts", "./telemetry/start.ts", "telemetry-sdk-on-demand"],
  ["src/functions/d.ts", "../../local/l.ts", "app-and-host-are-strangers"],
  ["local/a.ts", "../src/domain/d.ts", "app-and-host-are-strangers"],
  ["local/b.ts", "../test/t.ts", "product-imports-no-tests"],
];
const targets = [
  ...[
    "activities/a",
    "contracts/c",
    "dialects/d",
    "domain/d",
    "functions/f",
    "orchestrations/o",
    "platform/p",
    "ports/p",
  ],
  ...["storage/s", "telemetry/t", "telemetry/start"],
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
  ["src/storage/chance.ts", "export const chance = Math.random();"],
  ["src/activities/print.ts", "console.log(1);"],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-fences-"));
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  for (const file of [...targets, "local/l.ts", "test/t.ts"]) await write(file, "export const it = 1;\n");
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
    const { output } = await cruise(["src", "local"], {
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
