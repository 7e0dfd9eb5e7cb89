import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";

/** Builds the gallery page into `dist/page`: one script and one style sheet, named by their content, and the page that loads them. */
export async function buildPage(): Promise<void> {
  await rm("dist/page", { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: { page: "src/page/main.tsx" },
    outdir: "dist/page",
    entryNames: "[name].[hash]",
    bundle: true,
    format: "esm",
    target: ["es2022", "chrome107", "firefox110", "safari16"],
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  const nameOf = (extension: string) => names.find((name) => name.endsWith(extension)) ?? "";
  const template = await readFile("src/page/index.html", "utf8");
  await mkdir("dist/page", { recursive: true });
  const page = template.replace("page.css", nameOf(".css")).replace("page.js", nameOf(".js"));
  await writeFile("dist/page/index.html", page);
}
