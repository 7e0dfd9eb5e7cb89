import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("../../../", import.meta.url).pathname;
const documents = globSync(["*.md", "docs/**/*.md", "infra/**/*.md", "connector/*.md", "local/**/*.md"], {
  cwd: root,
});
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }).scripts,
);

it("docs/configuration.md names every setting of the sample", () => {
  const sample = JSON.parse(readFileSync(join(root, "local.settings.sample.json"), "utf8")) as {
    Values: object;
  };
  const { FUNCTIONS_WORKER_RUNTIME, languageWorkers__node__arguments, ...ours } = sample.Values as Record<
    string,
    string
  >;
  expect([FUNCTIONS_WORKER_RUNTIME, languageWorkers__node__arguments]).not.toContain(undefined);
  const page = readFileSync(join(root, "docs/configuration.md"), "utf8");
  // A name that another one begins is written short: `AZURE_OPENAI_ENDPOINT`, `_API_KEY`.
  const isNamed = (name: string) =>
    page.includes(`\`${name}\``) ||
    [...page.matchAll(/`([A-Z][A-Z_]+)`, `(_[A-Z_]+)`/g)].some(
      ([, first = "", rest = ""]) => name.endsWith(rest) && first.startsWith(name.slice(0, -rest.length)),
    );
  expect(Object.keys(ours).filter((name) => !isNamed(name))).toEqual([]);
});

describe.each(documents)("%s", (document) => {
  const text = readFileSync(join(root, document), "utf8");

  it("links to files that are there", () => {
    const links = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(
      ([, path = ""]) => path,
    );
    expect(links.filter((path) => !existsSync(join(root, dirname(document), path)))).toEqual([]);
  });

  it("names files of the repository that are there", () => {
    const exists = (path: string) =>
      [root, join(root, dirname(document))].some((from) => existsSync(join(from, path)));
    const named = [...text.matchAll(/`((?:src|test|infra|scripts|local|docs|connector)\/[\w./-]+)`/g)];
    expect(named.map(([, path = ""]) => path).filter((path) => !exists(path))).toEqual([]);
  });

  it("names npm scripts that there are", () => {
    const named = [...text.matchAll(/`npm run (?:--silent )?([\w:-]+)/g)].map(([, script = ""]) => script);
    expect(named.filter((script) => !scripts.includes(script))).toEqual([]);
  });
});
