import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { absolute, Compiler, pinnedVersion } from "./compiler.ts";
import { digestOf, readDefects, recordFile } from "./defects.ts";
import { decisionFile, defectTable } from "./defect-table.ts";
import { parametersOf, readDeployments, shapes, snapshotOf } from "./deployments.ts";
import { fetchCompiler } from "./fetch-compiler.ts";
import { fillCache, missingModules, modulesByTemplate } from "./modules.ts";
import { plantAll, type Recording } from "./plant.ts";
import { checkPolicy } from "./policy/rules.ts";
import { readTree } from "./tree.ts";
import { startScript } from "../start-script.ts";

const usage = `npm run infra                        what is wrong with the templates, by rules over their snapshots
npm run infra -- fetch-compiler      restores the pinned compiler by the .NET SDK
npm run infra -- fetch-modules       has the compiler fetch the published modules
npm run infra -- fill-modules CLONE  takes them from a clone of their repository (Azure/bicep-registry-modules)
npm run infra -- snapshots           predicts what each shape deploys, and writes infra/shapes/ anew
npm run infra -- validate            holds infra/shapes/ against what they deploy now
npm run infra -- defects             plants every defect, and records what notices it`;

startScript(usage);

const tree = await readTree();
const modules = [...modulesByTemplate(tree).values()].flat();

async function withCompiler<T>(use: (compiler: Compiler) => Promise<T> | T): Promise<T> {
  const compiler = await Compiler.find();
  if (typeof compiler === "string") throw new Error(compiler);
  try {
    return await use(compiler);
  } finally {
    compiler.stop();
  }
}

async function withModules(use: (compiler: Compiler) => Promise<void> | void): Promise<void> {
  const missing = await missingModules(modules);
  if (missing.length > 0) {
    const names = missing.map(({ path, version }) => `${path}:${version}`).join(", ");
    throw new Error(`The compiler has no ${names}: npm run infra -- fetch-modules, or fill-modules CLONE.`);
  }
  await withCompiler(use);
}

function run(compiler: Compiler, ...words: string[]): void {
  if (spawnSync(compiler.path, words, { stdio: "inherit" }).status !== 0) process.exitCode = 1;
}

async function check(): Promise<void> {
  const found = checkPolicy({ deployments: await readDeployments(), tree });
  for (const [rule, messages] of found) for (const message of messages) console.error(`${rule}: ${message}`);
  if (found.size > 0) process.exitCode = 1;
  else console.log("The templates hold.");
}

async function writeSnapshots(compiler: Compiler): Promise<void> {
  for (const shape of shapes) {
    const text = await compiler.snapshot(absolute(parametersOf(shape)), shape.placement);
    await writeFile(absolute(snapshotOf(shape)), inOrder(text));
    console.log(snapshotOf(shape));
  }
}

/** Outputs come in another order each time: by name they make no difference that isn't one. */
function inOrder(text: string): string {
  const snapshot = JSON.parse(text) as { outputs: Record<string, unknown> };
  const outputs = Object.entries(snapshot.outputs).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify({ ...snapshot, outputs: Object.fromEntries(outputs) }, undefined, 2);
}

function validate(compiler: Compiler): void {
  for (const shape of shapes) {
    const { tenantId, subscriptionId, location, resourceGroup } = shape.placement;
    const place = ["--tenant-id", tenantId, "--subscription-id", subscriptionId];
    if (location !== undefined) place.push("--location", location);
    if (resourceGroup !== undefined) place.push("--resource-group", resourceGroup);
    run(compiler, "snapshot", absolute(parametersOf(shape)), "--mode", "validate", ...place);
  }
}

async function recordDefects(compiler: Compiler): Promise<void> {
  const defects = await readDefects();
  const { caught, rounds } = await plantAll(compiler, tree, await readDeployments(), defects);
  for (const each of defects.filter(({ what, caught: by }) => (caught[what] ?? by) !== by)) {
    console.error(`"${each.what}" was to be caught by ${each.caught}, and is by ${caught[each.what] ?? ""}`);
    process.exitCode = 1;
  }
  const recording: Recording = { digest: digestOf(tree, defects, await pinnedVersion()), rounds };
  await writeFile(recordFile, `${JSON.stringify(recording)}\n`);
  await writeFile(decisionFile, await defectTable(defects));
  console.log(`${fileURLToPath(recordFile)}\n${fileURLToPath(decisionFile)}`);
}

const [command = "check", clone] = process.argv.slice(2);
const commands: Record<string, (() => Promise<void>) | undefined> = {
  check,
  "fetch-compiler": async () => {
    await fetchCompiler();
    await withCompiler(({ path }) => console.log(`${path} is ready.`));
  },
  "fetch-modules": () => withCompiler((compiler) => run(compiler, "restore", absolute("infra/main.bicep"))),
  "fill-modules":
    clone === undefined ? undefined : () => withCompiler(({ path }) => fillCache(path, modules, clone)),
  snapshots: () => withModules(writeSnapshots),
  validate: () => withModules(validate),
  defects: () => withModules(recordDefects),
};

try {
  const act = commands[command];
  if (act) await act();
  else throw new Error(usage);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
