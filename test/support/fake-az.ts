import { chmod, mkdir, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
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

/**
 * The command as a program of its own, since that is how it is run; started some hundred times, it only hands its words on.
 * Words end with a zero, of which none can hold one, and so do code, output and errors that come back.
 */
const program = (port: number) => `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port}
printf '%s\\0' "$#" "$@" >&3
IFS= read -r -d '' code <&3
IFS= read -r -d '' printed <&3
IFS= read -r -d '' said <&3
printf '%s' "$printed"
printf '%s' "$said" >&2
exit "$code"
`;

class Refusal extends Error {}

/** What the command prints for its words, and does to its cloud. Throws `Refusal` with what it says instead. */
function answer(cloud: Cloud, words: string[]): unknown {
  const line = words.join(" ");
  cloud.calls.push(words);
  const after = (option: string) => words[words.indexOf(option) + 1] ?? "";
  const given = (option: string): unknown => JSON.parse(readFileSync(after(option).slice(1), "utf8"));
  const change = (what: string): void => {
    cloud.changes.push(what);
  };
  if (after("--subscription") !== "sub")
    throw new Refusal(`The subscription of ${line} doesn't exist in this cloud.`);
  const { failure } = cloud;
  if (failure && failure.times !== 0 && new RegExp(failure.call).test(line)) {
    if (failure.times !== undefined) failure.times -= 1;
    throw new Refusal(failure.says);
  }
  const [, name] = /\/secrets\/([a-z-]+)\?/.exec(line) ?? [];
  if (line.startsWith("account show")) return { id: "sub" };
  if (line.startsWith("rest --method get") && name !== undefined) {
    if (!(name in cloud.secrets)) throw new Refusal('Not Found({"error":{"code":"SecretNotFound"}})');
    const secretUri = `https://vault.example/secrets/${name}`;
    return { id: name, properties: { secretUri }, tags: cloud.tags[name] };
  }
  if (line.startsWith("rest --method put") && name !== undefined) {
    const { properties, tags } = given("--body") as { properties: { value: string }; tags: object };
    cloud.secrets[name] = properties.value;
    cloud.tags[name] = tags;
    change(`secret ${name}`);
    return { id: name };
  }
  if (line.startsWith("rest --method post") && line.includes("/refresh?")) {
    change("refresh");
    return undefined;
  }
  if (line.startsWith("functionapp restart")) {
    cloud.read = { ...cloud.secrets };
    change("restart");
    return undefined;
  }
  if (line.startsWith("functionapp keys list")) {
    const systemKeys = cloud.eventKey === "" ? null : { blobs_extension: cloud.eventKey };
    return { functionKeys: {}, masterKey: "m", systemKeys };
  }
  if (line.startsWith("eventgrid system-topic event-subscription show")) {
    if (!cloud.subscription) throw new Refusal("(ResourceNotFound) The event subscription was not found");
    const destination = { endpointType: "WebHook", ...cloud.subscription };
    return { provisioningState: "Succeeded", destination };
  }
  if (line.startsWith("deployment group create")) {
    readFileSync(after("--template-file"));
    const { parameters } = given("--parameters") as { parameters: Record<string, { value: string }> };
    cloud.subscription = { endpointUrl: parameters["endpointUrl"]?.value ?? "" };
    change(`subscription of ${parameters["inboxContainer"]?.value} by ${parameters["topicName"]?.value}`);
    return {};
  }
  throw new Refusal(`'${line}' is misspelled or not recognized by the system.`);
}

/** Reads the words of one run of the command, and tells it how to end. */
function serve(socket: Socket, cloud: Cloud): void {
  let text = "";
  socket.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    const [count = "", ...words] = text.split("\0");
    // What stands behind the last zero is no word yet.
    if (words.length <= Number(count)) return;
    let [code, printed, said] = [0, "", ""];
    try {
      const found = answer(cloud, words.slice(0, -1));
      printed = found === undefined ? "" : JSON.stringify(found);
    } catch (error) {
      [code, said] = [1, `ERROR: ${error instanceof Refusal ? error.message : String(error)}\n`];
    }
    socket.end(`${code}\0${printed}\0${said}\0`);
  });
  // A step that is cut off takes its command with it.
  socket.on("error", () => undefined);
}

/** A folder with an `az` in it that plays a cloud, and the app of that cloud on a socket: it answers once it has its secrets. */
export class FakeAzure {
  readonly folder: string;
  readonly #cloud: Cloud = {
    secrets: {},
    tags: {},
    read: {},
    eventKey: "event+key/1==",
    calls: [],
    changes: [],
  };
  readonly #app: Server;
  readonly #commands = createSocketServer((socket) => serve(socket, this.#cloud));

  private constructor(folder: string) {
    this.folder = folder;
    this.#app = createServer((request, response) => {
      const knows = ["signing-key", "api-keys", "webhook-secrets"].every((name) => name in this.#cloud.read);
      response.writeHead(knows && request.url === "/api/health" ? 200 : 503).end();
    });
  }

  static async start(folder: string): Promise<FakeAzure> {
    await mkdir(join(folder, "bin"), { recursive: true });
    await mkdir(join(folder, "temporary"), { recursive: true });
    const azure = new FakeAzure(folder);
    for (const server of [azure.#app, azure.#commands])
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = azure.#commands.address() as AddressInfo;
    await writeFile(join(folder, "bin", "az"), program(port));
    await chmod(join(folder, "bin", "az"), 0o755);
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

  /** As it is now: what comes later doesn't change it. */
  cloud(): Cloud {
    return structuredClone(this.#cloud);
  }

  change(changes: Partial<Cloud>): void {
    Object.assign(this.#cloud, structuredClone(changes));
  }

  async stop(): Promise<void> {
    this.#app.closeAllConnections();
    await Promise.all(
      [this.#app, this.#commands].map((server) => new Promise((resolve) => server.close(resolve))),
    );
  }
}
