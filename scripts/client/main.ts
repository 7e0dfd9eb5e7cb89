import { writeFileSync } from "node:fs";
import { startScript } from "../start-script.ts";
import { clientTypes, typesFile } from "./types.ts";

startScript("npm run client-types  writes the types of packages/client anew, from the OpenAPI document");

writeFileSync(typesFile, await clientTypes());
