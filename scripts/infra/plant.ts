import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { createPatch, type Operation } from "rfc6902";
import type { Compiler, Diagnostic } from "./compiler.ts";
import {
  byAssertion,
  bySnapshot,
  type Defect,
  isCompiled,
  isForCompiler,
  isOfConnector,
  plant,
  roundsOf,
} from "./defects.ts";
import {
  type Deployment,
  parametersOf,
  parseSnapshot,
  type Shape,
  shapes,
  snapshotOf,
} from "./deployments.ts";
import { checkPolicy } from "./policy/rules.ts";
import type { Tree } from "./tree.ts";

/** A round of defects that rules over snapshots notice: how the snapshots changed, and which rules spoke. */
export interface Round {
  defects: string[];
  rules: string[];
  /** By shape: from what is committed to what the defects make of it. */
  patches: Record<string, Operation[]>;
}

/** What is committed of a whole planting. */
export interface Recording {
  /** Of what it was made of (`digestOf`). */
  digest: string;
  rounds: Round[];
}

export interface DefectRecord {
  /** What noticed each defect, by its name. */
  caught: { [what: string]: string };
  rounds: Round[];
}

const named = (...names: string[]) => shapes.filter(({ name }) => names.includes(name));

/** A shape of each kind shows every defect; what the connector deploys is quickly predicted. */
const lookedAt = (round: Defect[]) =>
  round.every(isOfConnector)
    ? named("connector-key", "connector-entra")
    : named("public-azure-storage", "everything", "inbox-events");

const noLint = JSON.stringify({ analyzers: { core: { enabled: false } } });

/** "The referenced module has errors" and its like: what only follows from a defect elsewhere. */
const follows = new Set(["BCP062", "BCP104"]);

/** Resources by id, so that a patch says which of them it changes, wherever they stand in the list. */
export const byId = ({ predictedResources, outputs }: Deployment) => ({
  resources: Object.fromEntries(predictedResources.map((each) => [each.id, each])),
  outputs,
});

/** Plants every defect that takes the compiler in copies of the templates, and says what notices it. */
export async function plantAll(
  compiler: Compiler,
  tree: Tree,
  deployments: Deployment[],
  defects: Defect[],
): Promise<DefectRecord> {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-infra-"));
  try {
    const bench = new Bench(compiler, folder, tree, deployments);
    const record: DefectRecord = { caught: {}, rounds: [] };
    const asked = defects.filter(isCompiled).filter((each) => !bench.isCaughtByText(each, record));
    for (const each of asked.filter(bySnapshot)) record.caught[each.what] = await bench.refuse(each);
    const byBuild = asked.filter((each) => !byAssertion(each) && !bySnapshot(each));
    for (const round of roundsOf(tree, byBuild)) Object.assign(record.caught, await bench.build(round));
    for (const round of roundsOf(tree, asked.filter(byAssertion))) {
      try {
        record.rounds.push(await bench.predict(round, record));
      } catch (error) {
        // What can't be predicted is caught by something else than an assertion, which is told instead.
        for (const { what } of round) record.caught[what] = String(error);
      }
    }
    return record;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class Bench {
  readonly #compiler: Compiler;
  readonly #parent: string;
  #folder = "";
  readonly #tree: Tree;
  readonly #deployments: Deployment[];

  constructor(compiler: Compiler, folder: string, tree: Tree, deployments: Deployment[]) {
    this.#compiler = compiler;
    this.#parent = folder;
    this.#tree = tree;
    this.#deployments = deployments;
  }

  /** Rules over texts need no compiler, which would only look for a module that isn't there. */
  isCaughtByText(defect: Defect, record: DefectRecord): boolean {
    const { tree } = plant(this.#tree, [defect]);
    const rules = [...checkPolicy({ deployments: this.#deployments, tree }).keys()];
    if (rules.length > 0) record.caught[defect.what] = `assertion ${rules.join(", ")}`;
    return rules.length > 0;
  }

  async build(round: Defect[]): Promise<DefectRecord["caught"]> {
    const { tree, lines } = plant(this.#tree, round);
    await this.#write(tree);
    const diagnostics = [
      ...(await this.#compile(
        round.every(isOfConnector) ? "infra/connector/main.bicep" : "infra/main.bicep",
      )),
      ...(await this.#compile("infra/subscription.bicep")),
      ...(round.some(({ file }) => file.endsWith(".json"))
        ? await this.#compiler.compileParameters(
            join(this.#folder, "infra/shapes/public-azure-storage.bicepparam"),
          )
        : []),
    ].filter(({ level, code }) => level !== "Info" && !follows.has(code));
    return Object.fromEntries(
      round.map((each) => [each.what, this.#spokenOf(each, lines.get(each) ?? [0, 0], diagnostics)]),
    );
  }

  #compile(path: string): Promise<Diagnostic[]> {
    return this.#compiler.compile(join(this.#folder, path));
  }

  #spokenOf({ file, at }: Defect, [first, last]: [number, number], diagnostics: Diagnostic[]): string {
    const found = diagnostics.find((each) => {
      const path = relative(this.#folder, each.file).replaceAll("\\", "/");
      return at === undefined ? path === file && each.line >= first && each.line <= last : path === at;
    });
    if (!found) return "nothing";
    return /^BCP\d+$/.test(found.code) ? `build ${found.code}` : `lint ${found.code}`;
  }

  async refuse(defect: Defect): Promise<string> {
    await this.#write(plant(this.#tree, [defect]).tree);
    const refused = await this.#deploymentsOf(named("public-azure-storage"), {}).then(
      () => false,
      () => true,
    );
    return refused ? "snapshot refused" : "nothing";
  }

  async predict(round: Defect[], record: DefectRecord): Promise<Round> {
    const { tree } = plant(this.#tree, round);
    // Together they may leave a parameter unused, which lint would stop at.
    await this.#write(new Map(tree).set("infra/bicepconfig.json", noLint));
    const patches: Round["patches"] = {};
    const deployments = await this.#deploymentsOf(lookedAt(round), patches);
    const rules = [...checkPolicy({ deployments, tree }).keys()].toSorted();
    for (const { what, caught } of round) {
      const expected = caught.replace("assertion ", "");
      record.caught[what] = rules.includes(expected) ? caught : "nothing";
    }
    return { defects: round.map(({ what }) => what), rules, patches };
  }

  /** What is committed, with those that are looked at predicted anew. */
  async #deploymentsOf(wanted: Shape[], patches: Round["patches"]): Promise<Deployment[]> {
    const found = new Map(this.#deployments.map((each) => [each.name, each]));
    for (const shape of wanted) {
      const text = await this.#snapshot(shape);
      // The next may be given its outputs.
      await writeFile(join(this.#folder, snapshotOf(shape)), text);
      const now: Deployment = { ...shape, ...parseSnapshot(text) };
      const before = found.get(shape.name);
      const patch = before ? createPatch(byId(before), byId(now)) : [];
      if (patch.length > 0) patches[shape.name] = patch;
      found.set(shape.name, now);
    }
    return [...found.values()];
  }

  async #snapshot(shape: Shape): Promise<string> {
    const path = join(this.#folder, parametersOf(shape));
    try {
      return await this.#compiler.snapshot(path, shape.placement);
    } catch (error) {
      const wrong = (await this.#compiler.compileParameters(path)).filter(({ level }) => level === "Error");
      if (wrong.length === 0) throw error;
      throw new Error(wrong.map(({ file, line, message }) => `${file}:${line} ${message}`).join("\n"), {
        cause: error,
      });
    }
  }

  /** A folder of its own each time: what templates load, and bicepconfig.json, the compiler reads once. */
  async #write(tree: Tree): Promise<void> {
    this.#folder = await mkdtemp(join(this.#parent, "planted-"));
    for (const [path, text] of tree) {
      if (!isForCompiler(path)) continue;
      await mkdir(dirname(join(this.#folder, path)), { recursive: true });
      await writeFile(join(this.#folder, path), text);
    }
  }
}
