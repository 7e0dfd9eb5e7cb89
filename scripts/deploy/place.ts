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

/** What stops the step. Its message is one sentence that says what to do. */
export class Stopped extends Error {
  override name = "Stopped";
}

/** Reads the place from the environment. Throws `Stopped`, naming all that is missing. */
export function readPlace(environment: NodeJS.ProcessEnv, hook: "provision" | "deploy"): Place {
  const missing: string[] = [];
  const read = (name: string): string => {
    const value = environment[name]?.trim() ?? "";
    if (value === "") missing.push(name);
    return value;
  };
  const place: Place = {
    subscription: read("AZURE_SUBSCRIPTION_ID"),
    group: read("AZURE_RESOURCE_GROUP"),
    app: read("FUNCTION_APP_NAME"),
    url: read("DARKROOM_URL").replace(/\/+$/, ""),
    storageAccount: read("STORAGE_ACCOUNT_NAME"),
    vault: read("KEY_VAULT_NAME"),
    topic: read("EVENT_TOPIC_NAME"),
    inbox: read("INBOX_CONTAINER"),
    deadLetters: read("DEAD_LETTER_CONTAINER"),
  };
  if (missing.length > 0) {
    throw new Stopped(
      `${missing.join(", ")} ${missing.length === 1 ? "isn't" : "aren't"} set: run \`azd provision\`, and then this by \`azd hooks run post${hook}\`, which sets what azd knows.`,
    );
  }
  if (!URL.canParse(place.url))
    throw new Stopped("DARKROOM_URL is no address: run `azd provision` again, which writes it anew.");
  return place;
}
