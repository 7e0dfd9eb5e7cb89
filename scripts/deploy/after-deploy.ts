import { bringUp, readEventKey } from "./app.ts";
import type { Patience } from "./azure.ts";
import { subscribe } from "./events.ts";
import type { Place } from "./place.ts";
import { runStep } from "./run-step.ts";
import { firstCaller, makeFirstKey, makeSecrets } from "./secrets.ts";
import { startScript } from "../start-script.ts";

startScript(
  `npm run after-deploy      azd runs it once the code is there: first key, a first answer, the inbox's events. Takes its place from azd's environment`,
);

/**
 * `npm run after-deploy`, which azd runs once the code is there: what no template can do. It makes a first key, sees that the
 * app answers, subscribes to the inbox's events, and says where everything is. Run again, it finds all of it done and changes
 * nothing; cut off, it goes on where it was.
 */

const seconds = Number(process.env["AFTER_DEPLOY_PATIENCE_SECONDS"] ?? "300");
const patience: Patience = { forMs: seconds * 1_000, everyMs: Math.min(5_000, seconds * 100) };
// What a pipeline prints is kept, and read by others: there, no key is made. Azure Pipelines and some others don't set CI.
const pipelines = [
  "CI",
  "GITHUB_ACTIONS",
  "TF_BUILD",
  "JENKINS_URL",
  "TEAMCITY_VERSION",
  "CODEBUILD_BUILD_ID",
];
const isWatched = pipelines.every((name) => process.env[name] === undefined);

await runStep("deploy", async (azure, place, report) => {
  const anyIsNew = await makeSecrets(azure, place, report);
  const key = isWatched ? await makeFirstKey(azure, place, report) : undefined;
  // At once: should anything below fail, it would be lost, and only its hash is kept.
  if (key !== undefined)
    console.log(`\nFirst key, of the caller "${firstCaller}", shown this once: ${key}\n`);
  await bringUp(azure, place, { mustRestart: anyIsNew || key !== undefined, patience, report });
  await subscribe(azure, place, await readEventKey(azure, place, patience), { patience, report });
  console.log(summary(place, key));
});

function summary({ url }: Place, key: string | undefined): string {
  const ofKeys = isWatched
    ? "Its keys are as they were: docs/operations.md tells how to add or change one."
    : "No key is made in a pipeline: for a first one, run `azd hooks run postdeploy` where only you read along.";
  return [
    `\nDarkroom is at ${url}`,
    ...(key === undefined ? [ofKeys] : []),
    "Make a first picture:",
    `  curl -sS "${url}/api/images/generations" -H "api-key: ${key ?? "$DARKROOM_KEY"}" -H "content-type: application/json" -H "prefer: wait=120" -d "{\\"prompt\\":\\"a lighthouse at dusk\\"}"`,
  ].join("\n");
}
