import { bringUp, type Patience, readEventKey } from "./app.ts";
import { attempt, azure } from "./azure.ts";
import { subscribe } from "./events.ts";
import { type Place, readPlace, Stopped } from "./place.ts";
import { firstCaller, makeSecrets } from "./secrets.ts";

/**
 * `npm run after-deploy`, which `azd deploy` runs at its end: what no template can do. It makes the secrets, starts the app
 * with them, subscribes to the inbox's events, and says where everything is. Run again, it finds all of it done and changes
 * nothing; cut off, it goes on where it was.
 */

const seconds = Number(process.env["AFTER_DEPLOY_PATIENCE_SECONDS"] ?? "300");
const patience: Patience = { forMs: seconds * 1_000, everyMs: Math.min(5_000, seconds * 100) };
const tell = (line: string) => console.log(`  ${line}`);

try {
  const place = readPlace(process.env);
  console.log(`After the deployment of ${place.app}:`);
  await attempt("Asking who you are", "run `az login`, and then this again.", () => azure("account", "show"));
  const { areNew, key } = await makeSecrets(azure, place, tell);
  // At once: should anything below fail, it would be lost, and only its hash is kept.
  if (key !== undefined)
    console.log(`\nFirst key, of the caller "${firstCaller}", shown this once: ${key}\n`);
  await bringUp(azure, place, { mustRestart: areNew, patience, tell });
  await subscribe(azure, place, await readEventKey(azure, place, patience), tell);
  console.log(summary(place, key));
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function summary({ url }: Place, key: string | undefined): string {
  return [
    `\nDarkroom is at ${url}`,
    ...(key === undefined
      ? ["Its keys are as they were: docs/operations.md tells how to add or change one."]
      : []),
    "Make a first picture:",
    `  curl -sS "${url}/api/images/generations" -H "api-key: ${key ?? "$DARKROOM_KEY"}" -H "content-type: application/json" -H "prefer: wait=120" -d "{\\"prompt\\":\\"a lighthouse at dusk\\"}"`,
  ].join("\n");
}
