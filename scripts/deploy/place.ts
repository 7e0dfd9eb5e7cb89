/** Where an environment was deployed: what `azd` knows of it from the outputs of infra/main.bicep. */
export interface Place {
  subscription: string;
  group: string;
  app: string;
  /** Address of the app, without a slash at its end. */
  url: string;
  storageAccount: string;
  vault: string;
  topic: string;
  inbox: string;
  deadLetters: string;
}

const names: Record<keyof Place, string> = {
  subscription: "AZURE_SUBSCRIPTION_ID",
  group: "AZURE_RESOURCE_GROUP",
  app: "FUNCTION_APP_NAME",
  url: "DARKROOM_URL",
  storageAccount: "STORAGE_ACCOUNT_NAME",
  vault: "KEY_VAULT_NAME",
  topic: "EVENT_TOPIC_NAME",
  inbox: "INBOX_CONTAINER",
  deadLetters: "DEAD_LETTER_CONTAINER",
};

/** What stops the step. Its message is one sentence that says what to do. */
export class Stopped extends Error {
  override name = "Stopped";
}

/** Reads the place from the environment. Throws `Stopped`, naming all that is missing. */
export function readPlace(environment: NodeJS.ProcessEnv, hook: "provision" | "deploy"): Place {
  const missing = Object.values(names).filter((name) => !environment[name]?.trim());
  if (missing.length > 0) {
    throw new Stopped(
      `${missing.join(", ")} ${missing.length === 1 ? "isn't" : "aren't"} set: run \`azd provision\`, and then this by \`azd hooks run post${hook}\`, which sets what azd knows.`,
    );
  }
  const read = ([part, name]: [string, string]) => [part, environment[name]?.trim()];
  const place = Object.fromEntries(Object.entries(names).map(read)) as unknown as Place;
  if (!URL.canParse(place.url))
    throw new Stopped("DARKROOM_URL is no address: run `azd provision` again, which writes it anew.");
  return { ...place, url: place.url.replace(/\/+$/, "") };
}
