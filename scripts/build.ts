import { buildApp } from "./build-app.ts";
import { startScript } from "./start-script.ts";

startScript(`npm run build      builds the app into dist/`);

await buildApp("dist");
