import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { checkTree } from "./check/check.ts";
import { showFinding } from "./check/finding.ts";
import { readFacts } from "./facts/read.ts";
import { fourShapes, resolveShape } from "./shapes.ts";
import { snapshotFolder, snapshotName, snapshotOf } from "./snapshot.ts";
import { readTree } from "./tree.ts";

/**
 * Says what is wrong with the templates: `npm run infra`. With `-- --snapshots` the lists of what each shape deploys are
 * written anew, if nothing is.
 */
const { values } = parseArgs({ options: { snapshots: { type: "boolean", default: false } } });
const tree = await readTree();
const facts = await readFacts();
const findings = await checkTree(tree, facts);
for (const finding of findings) console.error(showFinding(finding));
if (findings.length > 0) process.exit(1);
console.log("The templates hold.");
if (values.snapshots) {
  await mkdir(snapshotFolder, { recursive: true });
  for (const [name, given] of Object.entries(fourShapes)) {
    const shape = resolveShape(tree, facts, name, given);
    await writeFile(new URL(snapshotName(shape), snapshotFolder), snapshotOf(shape));
  }
}
