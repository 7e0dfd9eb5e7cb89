import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { absolute, Compiler, type Diagnostic, pinnedVersion } from "../../../scripts/infra/compiler.ts";
import { byAssertion, digestOf, isCompiled, sampleOf } from "../../../scripts/infra/defects.ts";
import { parametersOf, shapes, snapshotOf } from "../../../scripts/infra/deployments.ts";
import { missingModules, modulesByTemplate } from "../../../scripts/infra/modules.ts";
import { plantAll, type Round } from "../../../scripts/infra/plant.ts";
import { defects, deployments, digest, recorded, rounds, tree } from "../../support/infra.ts";

/**
 * Microsoft's own compiler, wherever the pinned one is found (npm run infra -- fetch-compiler), started once. What takes
 * published modules is skipped where it has none: it would look for them in a registry, for minutes.
 */

const found = await Compiler.find();
const compiler = typeof found === "string" ? undefined : found;
const needed = modulesByTemplate(tree);
const missing = compiler ? await missingModules([...needed.values()].flat()) : [];
const noCompiler = typeof found === "string" ? `Microsoft's compiler judges no template: ${found}` : "";
const noModules =
  missing.length > 0
    ? `the compiler has no ${missing[0]!.path}:${missing[0]!.version} and ${missing.length - 1} more (npm run infra -- fill-modules CLONE)`
    : "";
if (noCompiler !== "") process.stderr.write(`${noCompiler}.\n`);
else if (noModules !== "")
  process.stderr.write(`Only templates without published modules are built: ${noModules}.\n`);

afterAll(() => compiler?.stop());

/** Some minutes of a core where modules are at hand: the limit is for machines that do much else. */
const minutes = { timeout: 1_800_000 };

/** Those that no other is made of, as far as the compiler can build them: it tells of all that they are made of. */
const roots = noModules === "" ? ["infra/main.bicep", "infra/subscription.bicep"] : [...needed.keys()];
let all: Promise<Diagnostic[]> | undefined;

const diagnostics = (): Promise<Diagnostic[]> =>
  (all ??= (async () => {
    const found: Diagnostic[] = [];
    for (const path of roots.filter((root) => noModules === "" || needed.get(root)?.length === 0))
      found.push(...((await compiler?.compile(absolute(path))) ?? []));
    return found;
  })());

describe("Microsoft's compiler", () => {
  it.for([...needed])("builds %s without a word", minutes, async ([path, modules], { skip }) => {
    skip(compiler === undefined, noCompiler);
    skip(noModules !== "" && modules.length > 0, noModules);
    expect((await diagnostics()).filter(({ file }) => file === absolute(path))).toEqual([]);
  });

  it.for(shapes)("predicts of $name what its snapshot says", minutes, async (shape, { skip }) => {
    skip(compiler === undefined, noCompiler);
    skip(noModules !== "" && shape.isMain, noModules);
    const predicted = (await compiler?.snapshot(absolute(parametersOf(shape)), shape.placement)) ?? "{}";
    const committed: unknown = JSON.parse(await readFile(absolute(snapshotOf(shape)), "utf8"));
    // Parsed: the order of outputs is another each time.
    expect(JSON.parse(predicted)).toEqual(committed);
  });

  // The whole takes three minutes of a core. What it was made of hasn't changed since: one defect of each kind shows that
  // the compiler still speaks as it did.
  it("catches every defect by what is there for it", minutes, async ({ skip }) => {
    skip(compiler === undefined, noCompiler);
    skip(noModules !== "", noModules);
    const isRecorded = digest === digestOf(tree, defects, await pinnedVersion());
    const planted = isRecorded ? sampleOf(defects, recorded) : defects.filter(isCompiled);
    const record = await plantAll(compiler!, tree, deployments, planted);
    expect(planted.filter((each) => record.caught[each.what] !== each.caught)).toEqual([]);
    expect(planted.some(byAssertion)).toBe(true);
    if (isRecorded) return;
    // Not the patches: their order is that of outputs, which is another each time.
    const noticed = (round: Round) => ({ planted: round.defects, rules: round.rules });
    expect(record.rounds.map(noticed)).toEqual(rounds.map(noticed));
  });
});
