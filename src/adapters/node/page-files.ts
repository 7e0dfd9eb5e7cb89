import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { PageFile, PageFiles } from "../../ports/served-files.ts";

const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** The built page, in a folder beside the bundle. Read and compressed when first asked for: most instances never are. */
export function builtPageFiles(folder: URL): PageFiles {
  const read = new Map<string, Promise<PageFile>>();
  let names: Promise<string[]> | undefined;

  return {
    // Names are compared with what lies in the folder, never joined into a path.
    async read(name) {
      names ??= readdir(folder).catch(() => []);
      if (!(await names).includes(name) || !contentTypes[extname(name)]) return undefined;
      const file = read.get(name) ?? load(new URL(name, folder));
      read.set(name, file);
      return file;
    },
  };
}

async function load(address: URL): Promise<PageFile> {
  const identity = await readFile(address);
  // The highest quality takes seconds for the reference's script, and saves a tenth.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  const [br, gzipped] = await Promise.all([
    promisify(brotliCompress)(identity, { params }),
    promisify(gzip)(identity),
  ]);
  return {
    contentType: contentTypes[extname(address.pathname)] ?? "",
    tag: createHash("sha256").update(identity).digest("base64url").slice(0, 16),
    bytes: { identity, br, gzip: gzipped },
  };
}
