import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtPageFiles } from "../../../../src/adapters/node/page-files.ts";

let folder = "";
const files = () => builtPageFiles(pathToFileURL(`${folder}/`));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "page-files-"));
  await writeFile(join(folder, "page.js"), "let text;");
  await writeFile(join(folder, "page.js.map"), "{}");
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe("the built page", () => {
  it("is handed out as it is, and compressed", async () => {
    const file = await files().read("page.js");
    expect(file?.contentType).toBe("text/javascript; charset=utf-8");
    const { identity, br, gzip } = file?.bytes ?? {};
    const texts = [identity, brotliDecompressSync(br ?? ""), gunzipSync(gzip ?? "")];
    expect(texts.map(String)).toEqual(["let text;", "let text;", "let text;"]);
  });

  it.each(["../index.cjs", "page.css", "page.js.map", ".", "", "constructor"])(
    "has no file %j",
    async (name) => {
      expect(await files().read(name)).toBeUndefined();
    },
  );

  it("that was never built has no files", async () => {
    expect(await builtPageFiles(pathToFileURL(join(folder, "none/"))).read("page.js")).toBeUndefined();
  });
});
