import { rm } from "node:fs/promises";
import { unzipInto } from "../package/zip.ts";

/** `npm run package:azd`, after the package was made: azd deploys a folder, and makes a zip of it itself. */

const folder = "out/package/app";
await rm(folder, { recursive: true, force: true });
await unzipInto(folder, "out/package/darkroom.zip");
