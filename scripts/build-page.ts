import { build, type Metafile } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, extname } from "node:path";

/**
 * Builds the gallery and the reference into a folder that isn't there yet: for each one script and one style sheet, named
 * by their content, and the page that loads them.
 */
export async function buildPage(outdir: string): Promise<Metafile["outputs"]> {
  await mkdir(outdir, { recursive: true });
  const { metafile, outputFiles } = await build({
    entryPoints: { page: "gallery/main.tsx", reference: "gallery/reference/main.ts" },
    outdir,
    bundle: true,
    format: "esm",
    target: ["es2022", "chrome107", "firefox110", "safari16"],
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    legalComments: "none",
    write: false,
    metafile: true,
    logLevel: "warning",
  });
  const pages = {
    "index.html": await readFile("gallery/index.html", "utf8"),
    "reference.html": await readFile("gallery/reference/index.html", "utf8"),
  };
  for (const { path, contents } of outputFiles) {
    const type = extname(path);
    const entry = basename(path, type);
    const name = `${entry}.${digestOf(contents)}${type}`;
    const page = entry === "page" ? "index.html" : "reference.html";
    pages[page] = pages[page].replace(`${entry}${type}`, name);
    await writeFile(`${outdir}/${name}`, contents);
  }
  for (const [name, text] of Object.entries(pages)) await writeFile(`${outdir}/${name}`, text);
  return metafile.outputs;
}

// esbuild's own hash depends on where packages lie; two machines would make two packages of the same source.
function digestOf(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
}
