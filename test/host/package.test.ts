import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importOf } from "../../scripts/bench/import-time.ts";
import { aim, skipWhenAimed } from "../support/aim.ts";

/** The package that this tier runs on, and one more that is made as users make it: `npm run package`. */

skipWhenAimed("is about the package, not about a host");

const root = fileURLToPath(new URL("../..", import.meta.url));
const app = process.env["DARKROOM_APP"] ?? "";
const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );

interface Component {
  purl: string;
  name: string;
  group?: string;
  version: string;
  evidence: { occurrences: { location: string }[] };
  components?: { name: string }[];
}
interface Bill {
  metadata: { component: { hashes: { content: string }[] }; timestamp?: string };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

let out: string;
let printed: string;
let bill: Bill;

beforeAll(async () => {
  if (aim) return;
  out = await mkdtemp(join(tmpdir(), "darkroom-again-"));
  // Elsewhere on Earth, and on a machine that shows nobody else what it makes.
  const args = ["-c", `umask 077; exec "$0" scripts/package/main.ts --out "$1"`, process.execPath, out];
  const env = { ...process.env, TZ: "Pacific/Auckland" };
  ({ stdout: printed } = await promisify(execFile)("sh", args, { cwd: root, env }));
  bill = JSON.parse(readFileSync(join(out, "darkroom.cdx.json"), "utf8")) as Bill;
});
afterAll(async () => !aim && rm(out, { recursive: true, force: true }));

describe("npm run package", () => {
  it("makes the same bytes again, and the same bill of materials", () => {
    for (const name of ["darkroom.zip", "darkroom.cdx.json"])
      expect(sha256(join(out, name))).toBe(sha256(join(app, "..", name)));
  });

  it("says how big it is, how fast it loads, and what its hash is, within its limits", () => {
    const zip = join(out, "darkroom.zip");
    expect(statSync(zip).size).toBeLessThanOrEqual(12_000_000);
    expect(statSync(join(app, "dist", "index.cjs")).size).toBeLessThanOrEqual(1_500_000);
    expect(printed).toContain(`${(statSync(zip).size / 1e6).toFixed(2)} MB (limit 12.00 MB)`);
    expect(printed).toMatch(/cold import +\d+(\.\d)? ms/);
    expect(printed).toContain(sha256(zip));
  });
});

describe("the package", () => {
  it("holds what runs and nothing else: no map, no source, no test, no local tool, no setting", () => {
    const files = filesOf(app);
    const top = new Set(files.map((file) => file.split("/")[0]));
    expect([...top].sort()).toEqual(["dist", "host.json", "node_modules", "package.json"]);
    expect(
      files.filter((file) => /\.(map|ts|tsx|mts|cts)$|local\.settings|(^|\/)tests?\//.test(file)),
    ).toEqual([]);
    for (const file of files.filter((each) => each.startsWith("dist/")))
      expect(readFileSync(join(app, file), "utf8"), file).not.toMatch(/sourceMappingURL=|sourcesContent/);
  });

  it("asks for nothing but what it brings, in the flavour of Azure's machines", () => {
    const { dependencies } = JSON.parse(readFileSync(join(app, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(dependencies)).toEqual(["sharp"]);
    const binaries = filesOf(join(app, "node_modules")).filter((file) => /\.node$|\.so\./.test(file));
    expect(binaries).toHaveLength(2);
    for (const file of binaries) {
      expect(file).toMatch(/^@img\/sharp-(libvips-)?linux-x64\//);
      // ELF, 64 bits, x86-64.
      const head = readFileSync(join(app, "node_modules", file)).subarray(0, 20);
      expect([head.toString("latin1", 0, 4), head[4], head.readUInt16LE(18)]).toEqual(["\x7fELF", 2, 62]);
    }
  });

  it("loads one file at its start: what not every instance needs is left for its first use", async () => {
    expect((await importOf(join(app, "dist", "index.cjs"))).loaded).toEqual(["index.cjs"]);
  });

  it("lies where nothing of the repository can be found", () => {
    const { resolve } = createRequire(join(app, "dist", "index.cjs"));
    expect(() => resolve("openai")).toThrow(/Cannot find module/);
    expect(resolve("sharp")).toContain(app);
  });
});

describe("the bill of materials", () => {
  const named = ({ group, name }: Component) => (group === undefined ? name : `${group}/${name}`);
  const placedIn = (place: RegExp) =>
    bill.components.filter(({ evidence }) =>
      evidence.occurrences.some(({ location }) => place.test(location)),
    );

  it("is of this very zip, and of no moment", () => {
    expect(bill.metadata.component.hashes[0]?.content).toBe(sha256(join(app, "..", "darkroom.zip")));
    expect(bill.metadata.timestamp).toBeUndefined();
  });

  it("lists the packages that lie in the package, each with its version", () => {
    const lying = filesOf(app)
      .filter((file) => /^node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file))
      .map((file) => JSON.parse(readFileSync(join(app, file), "utf8")) as { name: string; version: string });
    const declared = placedIn(/^node_modules\//).map((each) => ({
      name: named(each),
      version: each.version,
    }));
    expect(declared.map(({ name }) => name)).toContain("sharp");
    const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name);
    expect(declared.sort(byName)).toEqual(lying.map(({ name, version }) => ({ name, version })).sort(byName));
  });

  it("lists what was bundled, by the file that it went into", () => {
    const inFile = (file: string) => placedIn(new RegExp(`^dist/${file}$`)).map(named);
    expect(inFile("openai\\.cjs")).toContain("openai");
    expect(inFile("azure-identity\\.cjs")).toContain("@azure/identity");
    expect(inFile("page/page\\..*")).toContain("preact");
    // Whatever else is bundled: each of these is imported by what every instance loads.
    expect(inFile("index\\.cjs")).toEqual(
      expect.arrayContaining(["@azure/functions", "@azure/storage-blob", "durable-functions", "zod"]),
    );
    // No tool of development.
    expect(bill.components.map(named)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(vitest|esbuild|azurite)$/)]),
    );
  });

  it("names the native libraries that are linked into sharp's", () => {
    const libvips = bill.components.find((each) => named(each) === "@img/sharp-libvips-linux-x64");
    expect(libvips?.components?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["vips", "png", "webp"]),
    );
  });

  it("joins each package to those that it needs, all of them listed", () => {
    const known = new Set(bill.components.map(({ purl }) => purl));
    expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !known.has(ref))).toEqual(
      [],
    );
    const sharp = bill.dependencies.find(({ ref }) => ref.startsWith("pkg:npm/sharp@"));
    expect(sharp?.dependsOn.join()).toContain("sharp-linux-x64");
  });
});
