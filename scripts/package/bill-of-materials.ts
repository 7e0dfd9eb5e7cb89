import type { Metafile } from "esbuild";
import { basename } from "node:path";
import { askedFor, type Locked, type LockedPackage, nameOf } from "./lock-file.ts";

interface Packaged {
  app: { name: string; version: string; license: string };
  /** Of the zip, in hex. */
  sha256: string;
  files: ReadonlyMap<string, Uint8Array>;
  /** What the bundler says went into each of its files. */
  outputs: Metafile["outputs"];
  locked: Locked;
}

/**
 * What the package is made of, in CycloneDX: packages that are bundled, of which no folder is left, as well as those
 * that lie in node_modules. Derived from the contents alone: the same package has the same bill.
 */
export function billOfMaterials({ app, sha256, files, outputs, locked }: Packaged) {
  const places = new Map([...bundled(outputs), ...installed(files)]);
  const refOf = (folder: string) => purlOf(nameOf(folder), locked[folder]?.version ?? "");
  const folders = [...places.keys()].sort((one, other) => (refOf(one) < refOf(other) ? -1 : 1));
  const own = purlOf(app.name, app.version);
  const within = (folder: string) =>
    askedFor(locked, folder)
      .filter((each) => places.has(each))
      .map(refOf)
      .sort();
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(sha256)}`,
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": own,
        name: app.name,
        version: app.version,
        purl: own,
        licenses: licensesOf(app.license),
        hashes: [{ alg: "SHA-256", content: sha256 }],
      },
    },
    components: folders.map((folder) => ({
      type: "library",
      "bom-ref": refOf(folder),
      ...groupAndName(nameOf(folder)),
      ...described(locked[folder]),
      purl: refOf(folder),
      evidence: { occurrences: (places.get(folder) ?? []).map((location) => ({ location })) },
      ...inside(files.get(`${folder}/versions.json`)),
    })),
    dependencies: [
      { ref: own, dependsOn: within("") },
      ...folders.map((folder) => ({ ref: refOf(folder), dependsOn: within(folder) })),
    ],
  };
}

/** Folders of the packages that left something in a bundled file, each with those files. */
function bundled(outputs: Metafile["outputs"]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const [output, { inputs }] of Object.entries(outputs)) {
    const file = `dist/${/\.(js|css)$/.test(output) ? "page/" : ""}${basename(output)}`;
    const kept = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    for (const folder of new Set(kept.map(([path]) => folderOf(path)).filter((each) => each !== undefined)))
      places.set(folder, [...(places.get(folder) ?? []), file].sort());
  }
  return places;
}

/** Packages that lie in the app's node_modules as they are. */
function installed(files: ReadonlyMap<string, Uint8Array>): Map<string, string[]> {
  const folders = [...files.keys()].flatMap((path) => folderOf(path) ?? []);
  return new Map(folders.map((folder) => [folder, [folder]]));
}

function folderOf(path: string): string | undefined {
  return /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

function described({ version = "", license = "", integrity = "" }: Partial<LockedPackage> = {}) {
  const [, content] = /^sha512-(\S+)/.exec(integrity) ?? [];
  return {
    version,
    licenses: licensesOf(license),
    ...(content !== undefined && {
      hashes: [{ alg: "SHA-512", content: Buffer.from(content, "base64").toString("hex") }],
    }),
  };
}

function licensesOf(license: string): object[] {
  if (license === "") return [];
  return [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }];
}

/** Native libraries that were linked into one: sharp's package lists them so. */
function inside(versions: Uint8Array | undefined) {
  if (!versions) return {};
  const listed = JSON.parse(Buffer.from(versions).toString("utf8")) as Record<string, string>;
  return {
    components: Object.entries(listed).map(([name, version]) => ({ type: "library", name, version })),
  };
}

function groupAndName(name: string): { group?: string; name: string } {
  const [scope, own] = name.split("/");
  return own === undefined ? { name } : { group: scope ?? "", name: own };
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** A UUID of the kind whose bits are the maker's own affair (RFC 9562, version 8). */
function uuidOf(digest: string): string {
  const hex = `${digest.slice(0, 12)}8${digest.slice(13, 16)}8${digest.slice(17, 32)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
