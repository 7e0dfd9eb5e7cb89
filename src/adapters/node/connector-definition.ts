import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ConnectorDefinition, DefinitionFile } from "../../ports/served-files.ts";

/** The connector's definition, in a file beside the bundle. Read when first asked for: most instances never are. */
export function builtConnectorDefinition(address: URL): ConnectorDefinition {
  let file: Promise<DefinitionFile> | undefined;
  return {
    async read() {
      file ??= load(address);
      try {
        return await file;
      } catch {
        file = undefined;
        return undefined;
      }
    },
  };
}

async function load(address: URL): Promise<DefinitionFile> {
  const text = await readFile(address, "utf8");
  return {
    document: JSON.parse(text) as Record<string, unknown>,
    tag: createHash("sha256").update(text).digest("base64url").slice(0, 16),
  };
}
