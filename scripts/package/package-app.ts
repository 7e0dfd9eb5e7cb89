import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp } from "../build-app.ts";
import { billOfMaterials } from "./bill-of-materials.ts";
import { filesOf } from "./files-of.ts";
import { linuxPackage } from "./linux-packages.ts";
import { readLock } from "./lock-file.ts";
import { zipOf } from "./zip.ts";

export interface AppPackage {
  zip: string;
  sbom: string;
  sha256: string;
  zipBytes: number;
  /** Of the file that is always loaded, and of all that are loaded at some time. */
  bundleBytes: { index: number; all: number };
  files: number;
  packages: number;
}

/** Makes what is deployed, and its bill of materials, in `folder`. Made from the repository in the current folder. */
export async function packageApp(folder: string): Promise<AppPackage> {
  const scratch = await mkdtemp(join(tmpdir(), "darkroom-package-"));
  try {
    const locked = readLock();
    const dist = join(scratch, "dist");
    const [outputs, sharp] = await Promise.all([buildApp(dist), linuxPackage("sharp", locked, scratch)]);
    const own = JSON.parse(await readFile("package.json", "utf8")) as PackageJson;
    const bundle = await filesOf(scratch, "dist");
    const files = new Map([
      ["host.json", await readFile("host.json")],
      ["package.json", text(deployed(own))],
      ...bundle,
      ...sharp,
    ]);
    const zip = zipOf(files);
    const sha256 = createHash("sha256").update(zip).digest("hex");
    const sbom = billOfMaterials({ app: own, sha256, files, outputs, locked });
    const made = { zip: join(folder, "darkroom.zip"), sbom: join(folder, "darkroom.cdx.json") };
    await mkdir(folder, { recursive: true });
    await writeFile(made.zip, zip);
    await writeFile(made.sbom, text(sbom));
    return {
      ...made,
      sha256,
      zipBytes: zip.length,
      bundleBytes: {
        index: bundle.get("dist/index.cjs")?.length ?? 0,
        all: [...bundle].reduce((sum, [path, { length }]) => sum + (path.endsWith(".cjs") ? length : 0), 0),
      },
      files: files.size,
      packages: sbom.components.length,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface PackageJson {
  name: string;
  version: string;
  license: string;
  type: string;
  main: string;
  engines: object;
  dependencies: Record<string, string>;
}

/** Only what the worker reads, and what isn't bundled. */
function deployed({ name, version, license, type, main, engines, dependencies }: PackageJson): object {
  const { sharp } = dependencies;
  return { name, version, private: true, license, type, main, engines, dependencies: { sharp } };
}

function text(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}
