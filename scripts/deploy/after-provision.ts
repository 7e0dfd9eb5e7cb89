import { haveSecretsRead } from "./app.ts";
import { runStep } from "./run-step.ts";
import { makeSecrets } from "./secrets.ts";

/**
 * `npm run after-provision`, which azd runs once everything is made and before the code is there: secrets are made up, so that
 * the app finds them when it first starts. Run again, it changes nothing.
 */
await runStep("provision", async (azure, place, report) => {
  if (await makeSecrets(azure, place, report)) await haveSecretsRead(azure, place);
});
