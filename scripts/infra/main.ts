import { checkTree } from "./check/check.ts";
import { showFinding } from "./check/finding.ts";
import { readFacts } from "./facts/read.ts";
import { readTree } from "./tree.ts";

/** Says what is wrong with the templates: `npm run infra`. */
const findings = await checkTree(await readTree(), await readFacts());
for (const finding of findings) console.error(showFinding(finding));
process.exitCode = findings.length === 0 ? 0 : 1;
