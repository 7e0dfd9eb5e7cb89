import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageApp } from "../../scripts/package/package-app.ts";
import { unzipInto } from "../../scripts/package/zip.ts";

/**
 * Makes the deployable package once and unzips it far from here: what the tests run is what is deployed, and finds no
 * package of the repository's. `DARKROOM_APP` leads everything that starts a host to it, and may be given instead.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["DARKROOM_APP"] !== undefined || process.env["DARKROOM_URL"] !== undefined)
    return undefined;
  const folder = await mkdtemp(join(tmpdir(), "darkroom-packaged-"));
  const { zip } = await packageApp(folder);
  const app = join(folder, "app");
  await unzipInto(app, zip);
  process.env["DARKROOM_APP"] = app;
  return async () => rm(folder, { recursive: true, force: true });
}
