import { createHash } from "node:crypto";
import { createWriteStream, globSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { type Darkroom, startDarkroom } from "../../local/darkroom.ts";
import { isEmbedded } from "./aim.ts";
import { CanaryWatch } from "./canary-watch.ts";

/** What a worker is told of the stack that its tier shares. */
export interface SharedStack {
  url: string;
  storage: string;
  simulator: string | undefined;
  masterKey: string | undefined;
  logFile: string;
}

const tests = fileURLToPath(new URL("..", import.meta.url));
const callersPerFile = 2;

/** As every stack of the tests has it. */
export const simulatorArgs = ["--latency-scale", "0.2"];

/**
 * One stack for all files of a tier that ask for no other settings, started when the first of them asks. Starting a host and
 * compiling what its first jobs run is more than most of these files take. Its address says where it is; what is posted there
 * are prompts, and none of them may be in its log or telemetry in the end: then the run fails.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!isEmbedded) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "darkroom-shared-"));
  const logFile = join(folder, "log");
  const tier = `test/${project.name}/**/*.test.ts`;
  const root = join(tests, "..");
  const files = globSync([tier, `packages/*/${tier}`], { cwd: root }).map((file) => join(root, file));
  const storage = project.getProvidedContext().azurite;
  const canaries = new CanaryWatch();
  let starting: Promise<Darkroom> | undefined;
  const start = async () => {
    const listened = await canaries.start();
    return startDarkroom({
      port: 0,
      simulatorArgs,
      log: createWriteStream(logFile),
      settings: {
        AzureWebJobsStorage: storage,
        IMAGES_STORAGE: storage,
        ...listened,
        LOCAL_HOST_DURABLE_VISIBILITY_SECONDS: "0",
        API_KEYS: apiKeysOf(files),
      },
    });
  };
  const server = createServer((request, response) => {
    const answer = async () => {
      if (request.method === "POST") {
        for (const prompt of JSON.parse(await text(request)) as string[]) canaries.heedPrompt(prompt);
        return "";
      }
      const { url, simulator, masterKey } = await (starting ??= start());
      const stack: SharedStack = { url, storage, simulator, masterKey: masterKey(), logFile };
      return JSON.stringify(stack);
    };
    answer().then(
      (body) => response.end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  project.provide("sharedDarkroom", `http://127.0.0.1:${port}`);
  return async () => {
    server.close().closeAllConnections();
    // Why it didn't start, each file has been told.
    const running = await starting?.catch(() => undefined);
    await running?.stop();
    const log = running ? await readFile(logFile, "utf8") : "";
    const found = await canaries.end({ log, key: keyPrefix });
    await rm(folder, { recursive: true, force: true });
    if (found.length === 0) return;
    // Not thrown: the tier's other teardowns, of its Azurite among them, would be left out.
    process.stderr.write(`\n!!! The shared stack of the tier ${project.name}: ${found.join("; ")}\n\n`);
    process.exitCode = 1;
  };
}

/**
 * The keys of a test file's own callers on that stack: each sees its own jobs alone. Deterministic, and good on loopback
 * only.
 */
export function sharedKey(testFile: string, index = 0): string {
  return keyPrefix + sha256(`${relative(tests, testFile)} ${index}`);
}

const keyPrefix = "shared-darkroom-key-";
const sha256 = (value: string) => createHash("sha256").update(value).digest("hex");

export function apiKeysOf(files: string[]): string {
  const keys = files.flatMap((file) =>
    Array.from({ length: callersPerFile }, (_, index) => sharedKey(file, index)),
  );
  return JSON.stringify(Object.fromEntries(keys.map((key, at) => [`caller-${at}`, sha256(key)])));
}

/** What a test file sees of it: nothing that would end it for the others. */
export function sharedDarkroom({ masterKey, ...stack }: SharedStack, key: string): Darkroom {
  return {
    ...stack,
    key,
    webhookSecret: undefined,
    masterKey: () => masterKey,
    hostPid() {
      throw new Error("This stack is shared: who kills its host needs one of its own.");
    },
    instances: [],
    ended: new Promise(() => undefined),
    stop: async () => undefined,
  };
}

declare module "vitest" {
  interface ProvidedContext {
    /** Address that starts the tier's shared stack, and says where it is. */
    sharedDarkroom: string;
  }
}
