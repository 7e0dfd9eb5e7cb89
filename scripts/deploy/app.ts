import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { attempt, type Azure, type Patience, patiently } from "./azure.ts";
import { type Place, Stopped } from "./place.ts";
import type { Report } from "./run-step.ts";

/**
 * Sees to it that the app answers. One that doesn't is started anew, once: it reads its secrets when it starts, and at the
 * first deployment there were none yet. Healthy apps are left alone.
 */
export async function bringUp(
  az: Azure,
  place: Place,
  { mustRestart, patience, report }: { mustRestart: boolean; patience: Patience; report: Report },
): Promise<void> {
  if (!mustRestart && (await isHealthy(place))) return;
  await haveSecretsRead(az, place);
  await attempt("Starting the app anew", "restart it in the portal, and run this again.", () =>
    az("functionapp", "restart", "--resource-group", place.group, "--name", place.app),
  );
  report("started the app anew, so that it reads its secrets");
  await waitFor(
    () => isHealthy(place),
    patience,
    `The app doesn't answer at ${place.url}/api/health: read what it says at its start with \`az webapp log tail --resource-group ${place.group} --name ${place.app}\`, mend that, and run this again.`,
  );
}

/** Looks again and again until there is what is looked for. Throws `Stopped`, with these words, once that took too long. */
async function waitFor<T>(look: () => Promise<T>, { forMs, everyMs }: Patience, tooLate: string): Promise<T> {
  const until = Date.now() + forMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() >= until) throw new Stopped(tooLate);
    await sleep(everyMs);
  }
}

/** References to secrets are kept for a day, those that led to nothing as well. */
export async function haveSecretsRead(az: Azure, { subscription, group, app }: Place): Promise<void> {
  const references = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Web/sites/${app}/config/configreferences/appsettings/refresh?api-version=2022-03-01`;
  await attempt(
    "Having the app's secrets read anew",
    "see that the app exists (`azd provision`), and run this again.",
    () => az("rest", "--method", "post", "--url", references),
  );
}

async function isHealthy({ url }: Place): Promise<boolean> {
  try {
    const reply = await fetch(`${url}/api/health`, {
      redirect: "error",
      signal: AbortSignal.timeout(10_000),
    });
    await reply.body?.cancel();
    return reply.status === 200;
  } catch {
    return false;
  }
}

const keys = z.looseObject({ systemKeys: z.record(z.string(), z.string()).nullish() });

/** The key that opens the app's endpoint of blob events. The host makes it some time after its first start. */
export async function readEventKey(az: Azure, { group, app }: Place, patience: Patience): Promise<string> {
  const look = async () => {
    const given = await attempt(
      "Reading the app's key for events",
      "see that the app was deployed (`azd deploy`), and run this again.",
      // A host that starts, or that its roles haven't reached yet, answers with errors of its own.
      () =>
        patiently(patience, () =>
          az("functionapp", "keys", "list", "--resource-group", group, "--name", app),
        ),
    );
    return keys.safeParse(given).data?.systemKeys?.["blobs_extension"] ?? "";
  };
  return waitFor(
    look,
    patience,
    "The app has no key for events yet (system key blobs_extension): wait for some minutes, and run `azd hooks run postdeploy`.",
  );
}
