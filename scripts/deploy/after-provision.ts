import { haveSecretsRead } from "./app.ts";
import { runStep } from "./run-step.ts";
import { makeSecrets } from "./secrets.ts";
import { startScript } from "../start-script.ts";

startScript(
  `npm run after-provision   azd runs it once everything is made: makes up the secrets that are missing. Takes its place from azd's environment`,
);

/**
 * `npm run after-provision`, which azd runs once everything is made and before the code is there: secrets are made up, so that
 * the app finds them when it first starts. Run again, it changes nothing.
 */
await runStep("provision", async (azure, place, report) => {
  if (await makeSecrets(azure, place, report)) await haveSecretsRead(azure, place);
});
