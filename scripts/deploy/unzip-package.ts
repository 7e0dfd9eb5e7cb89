import { rm } from "node:fs/promises";
import { unzipInto } from "../package/zip.ts";
import { startScript } from "../start-script.ts";

startScript(
  `npm run package:azd       unzips the package that was made into out/package/app, which azd deploys`,
);

/** `npm run package:azd`, after the package was made: azd deploys a folder, and makes a zip of it itself. */

const folder = "out/package/app";
await rm(folder, { recursive: true, force: true });
await unzipInto(folder, "out/package/darkroom.zip");
