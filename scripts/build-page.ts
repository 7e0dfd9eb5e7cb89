import { build, type Metafile } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { extname } from "node:path";

/**
 * Builds the gallery page into a folder that isn't there yet: one script and one style sheet, named by their content, and
 * the page that loads them.
 */
export async function buildPage(outdir: string): Promise<Metafile["outputs"]> {
  await mkdir(outdir, { recursive: true });
  const { metafile, outputFiles } = await build({
    entryPoints: { page: "gallery/main.tsx" },
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
  let page = await readFile("gallery/index.html", "utf8");
  for (const { path, contents } of outputFiles) {
    const name = `page.${digestOf(contents)}${extname(path)}`;
    page = page.replace(`page${extname(path)}`, name);
    await writeFile(`${outdir}/${name}`, contents);
  }
  await writeFile(`${outdir}/index.html`, page);
  return metafile.outputs;
}

// esbuild's own hash depends on where packages lie; two machines would make two packages of the same source.
function digestOf(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
}
