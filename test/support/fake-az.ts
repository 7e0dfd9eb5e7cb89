import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** What an environment is like, as far as the step after deployment touches it. */
export interface Cloud {
  secrets: Record<string, string>;
  tags: Record<string, object>;
  /** Secrets as the app knew them when it was last started. */
  read: Record<string, string>;
  eventKey: string;
  subscription?: { endpointUrl: string };
  /** Every call, in words; `changes` are those that wrote. */
  calls: string[][];
  changes: string[];
  /** Refuses the calls that match, with these words on standard error: always, or this many times. */
  failure?: { call: string; says: string; times?: number };
}

/** The command as a program of its own, since that is how it is run. One file: it is started dozens of times. */
const program = `#!${process.execPath}
const { readFileSync, writeFileSync } = require("node:fs");
const file = process.env.FAKE_AZ_STATE;
const cloud = JSON.parse(readFileSync(file, "utf8"));
const words = process.argv.slice(2);
const line = words.join(" ");
cloud.calls.push(words);
const keep = () => writeFileSync(file, JSON.stringify(cloud));
const print = (value) => process.stdout.write(JSON.stringify(value));
const fail = (says) => { keep(); process.stderr.write("ERROR: " + says + "\\n"); process.exit(1); };
const after = (option) => words[words.indexOf(option) + 1];
const given = (option) => JSON.parse(readFileSync(after(option).slice(1), "utf8"));
const change = (what) => cloud.changes.push(what);
if (after("--subscription") !== "sub") fail("The subscription of " + line + " doesn't exist in this cloud.");
if (cloud.failure && cloud.failure.times !== 0 && new RegExp(cloud.failure.call).test(line)) {
  if (cloud.failure.times) cloud.failure.times -= 1;
  fail(cloud.failure.says);
}
const name = (/\\/secrets\\/([a-z-]+)\\?/.exec(line) ?? [])[1];
if (line.startsWith("account show")) print({ id: "sub" });
else if (line.startsWith("rest --method get") && name) {
  if (!(name in cloud.secrets)) fail('Not Found({"error":{"code":"SecretNotFound"}})');
  print({ id: name, properties: { secretUri: "https://vault.example/secrets/" + name }, tags: cloud.tags[name] });
} else if (line.startsWith("rest --method put") && name) {
  const { properties, tags } = given("--body");
  cloud.secrets[name] = properties.value;
  cloud.tags[name] = tags;
  change("secret " + name);
  print({ id: name });
} else if (line.startsWith("rest --method post") && line.includes("/refresh?")) change("refresh");
else if (line.startsWith("functionapp restart")) { cloud.read = { ...cloud.secrets }; change("restart"); }
else if (line.startsWith("functionapp keys list"))
  print({ functionKeys: {}, masterKey: "m", systemKeys: cloud.eventKey ? { blobs_extension: cloud.eventKey } : null });
else if (line.startsWith("eventgrid system-topic event-subscription show")) {
  if (!cloud.subscription) fail("(ResourceNotFound) The event subscription was not found");
  print({ provisioningState: "Succeeded", destination: { endpointType: "WebHook", ...cloud.subscription } });
} else if (line.startsWith("deployment group create")) {
  readFileSync(after("--template-file"));
  const { parameters } = given("--parameters");
  cloud.subscription = { endpointUrl: parameters.endpointUrl.value };
  change("subscription of " + parameters.inboxContainer.value + " by " + parameters.topicName.value);
  print({});
} else fail("'" + line + "' is misspelled or not recognized by the system.");
keep();
`;

/** A folder with an `az` in it that plays a cloud, and the app of that cloud on a socket: it answers once it has its secrets. */
export class FakeAzure {
  readonly folder: string;
  readonly #app: Server;

  private constructor(folder: string, app: Server) {
    this.folder = folder;
    this.#app = app;
  }

  static async start(folder: string): Promise<FakeAzure> {
    await mkdir(join(folder, "bin"), { recursive: true });
    await mkdir(join(folder, "temporary"), { recursive: true });
    await writeFile(join(folder, "bin", "az"), program);
    await chmod(join(folder, "bin", "az"), 0o755);
    const app = createServer((request, response) => {
      void cloudOf(folder).then(({ read }) => {
        const knows = ["signing-key", "api-keys", "webhook-secrets"].every((name) => name in read);
        response.writeHead(knows && request.url === "/api/health" ? 200 : 503).end();
      });
    });
    await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
    const azure = new FakeAzure(folder, app);
    await azure.change({
      secrets: {},
      tags: {},
      read: {},
      eventKey: "event+key/1==",
      calls: [],
      changes: [],
    });
    return azure;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#app.address() as AddressInfo).port}`;
  }

  /** What a step is given of its environment, and nothing of this process's own. */
  get environment(): NodeJS.ProcessEnv {
    return {
      PATH: join(this.folder, "bin"),
      TMPDIR: join(this.folder, "temporary"),
      FAKE_AZ_STATE: stateOf(this.folder),
      AFTER_DEPLOY_PATIENCE_SECONDS: "1",
      AZURE_SUBSCRIPTION_ID: "sub",
      AZURE_RESOURCE_GROUP: "rg-darkroom",
      FUNCTION_APP_NAME: "func-darkroom",
      DARKROOM_URL: this.url,
      STORAGE_ACCOUNT_NAME: "stdarkroom",
      KEY_VAULT_NAME: "kv-darkroom",
      EVENT_TOPIC_NAME: "evgt-darkroom",
      INBOX_CONTAINER: "edit-inbox",
      DEAD_LETTER_CONTAINER: "event-dead-letters",
    };
  }

  cloud(): Promise<Cloud> {
    return cloudOf(this.folder);
  }

  async change(changes: Partial<Cloud>): Promise<void> {
    const before = await this.cloud().catch(() => ({}));
    await writeFile(stateOf(this.folder), JSON.stringify({ ...before, ...changes }));
  }

  async stop(): Promise<void> {
    this.#app.closeAllConnections();
    await new Promise((resolve) => this.#app.close(resolve));
  }
}

const stateOf = (folder: string) => join(folder, "cloud.json");

async function cloudOf(folder: string): Promise<Cloud> {
  return JSON.parse(await readFile(stateOf(folder), "utf8")) as Cloud;
}
