import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { builtConnectorDefinition } from "../../../../src/adapters/node/connector-definition.ts";

it("the definition is read when it is first there, and then kept with its tag", async () => {
  const folder = await mkdtemp(join(tmpdir(), "definition-"));
  try {
    const file = join(folder, "connector.json");
    const definition = builtConnectorDefinition(pathToFileURL(file));
    expect(await definition.read()).toBeUndefined();
    await writeFile(file, '{"swagger":"2.0"}');
    const read = await definition.read();
    expect(read).toMatchObject({ document: { swagger: "2.0" } });
    await writeFile(file, "{}");
    expect(await definition.read()).toBe(read);
    expect((await builtConnectorDefinition(pathToFileURL(file)).read())?.tag).not.toBe(read?.tag);
  } finally {
    await rm(folder, { recursive: true });
  }
});
