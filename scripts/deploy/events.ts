import { fileURLToPath } from "node:url";
import * as z from "zod";
import { attempt, type Azure, ifThere, type Patience, patiently, withFile } from "./azure.ts";
import type { Place } from "./place.ts";
import type { Report } from "./run-step.ts";

/** As infra/subscription.bicep names it. */
const subscriptionName = "edit-inbox";
const template = fileURLToPath(new URL("../../infra/subscription.bicep", import.meta.url));

const existing = z.looseObject({
  provisioningState: z.string().optional(),
  destination: z.looseObject({ endpointUrl: z.string().optional() }).optional(),
});

/** Whether events go where they should, with the key that opens it now: one that was rotated is given anew. */
async function isInPlace(az: Azure, { group, topic, url }: Place, key: string): Promise<boolean> {
  const of = ["--resource-group", group, "--system-topic-name", topic, "--name", subscriptionName];
  const show = ["eventgrid", "system-topic", "event-subscription", "show", ...of];
  const given = await ifThere(async () =>
    existing.parse(await az(...show, "--include-full-endpoint-url", "true")),
  );
  if (!given) return false;
  const { provisioningState, destination } = given;
  if (provisioningState !== "Succeeded" || !URL.canParse(destination?.endpointUrl ?? "")) return false;
  const endpoint = new URL(destination?.endpointUrl ?? "");
  return endpoint.origin === new URL(url).origin && endpoint.searchParams.get("code") === key;
}

/** Has Event Grid tell the app of files in the inbox. Does nothing where it does already. */
export async function subscribe(
  az: Azure,
  place: Place,
  key: string,
  { patience, report }: { patience: Patience; report: Report },
): Promise<void> {
  const isThere = await attempt(
    "Looking for the subscription to the inbox's events",
    "see that the event topic exists (`azd provision`), and run this again.",
    () => isInPlace(az, place, key),
  );
  if (isThere) return;
  const parameters = parametersOf(place, key);
  await attempt(
    "Subscribing to the inbox's events",
    `see that ${place.url}/api/health answers, since Event Grid asks the app before it believes it, and run this again.`,
    () =>
      withFile(parameters, (file) =>
        // After the first deployment the topic's role on its container may not have spread yet: that is a 403.
        patiently(patience, () =>
          az(
            ...["deployment", "group", "create", "--resource-group", place.group],
            ...["--name", "darkroom-inbox-events", "--template-file", template, "--parameters", `@${file}`],
          ),
        ),
      ),
  );
  report("subscribed to the events of the inbox");
}

/** The app's address for blob events of its function, which this system key opens (Functions host, blobs_extension). */
function endpointOf({ url }: Place, key: string): string {
  const path = "/runtime/webhooks/blobs?functionName=Host.Functions.edit-inbox-created";
  return `${url}${path}&code=${encodeURIComponent(key)}`;
}

function parametersOf(place: Place, key: string): object {
  const values = {
    topicName: place.topic,
    storageAccountName: place.storageAccount,
    inboxContainer: place.inbox,
    deadLetterContainer: place.deadLetters,
    endpointUrl: endpointOf(place, key),
  };
  return {
    $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
    contentVersion: "1.0.0.0",
    parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
  };
}
