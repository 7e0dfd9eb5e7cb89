import { parseArgs } from "node:util";
import { findCommand, type OpsRequest, usage } from "./commands.ts";

/**
 * `npm run ops`: what operators do, over the API alone. Replies are printed as JSON. Whatever goes wrong ends with one sentence
 * and exit code 1, or 2 where the command itself is wrong.
 */

class Refused extends Error {
  readonly exitCode: number;

  constructor(sentence: string, exitCode: number) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

function readArguments() {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        ...{ caller: text, status: text, limit: text, cursor: text, scopes: text, expires: text },
        ...{ jobs: text, minute: text, budget: text, from: text, to: text },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : "These arguments can't be read.", 2);
  }
}

function readPlace(): { url: URL; key: string } {
  const { DARKROOM_URL: address = "", DARKROOM_KEY: key = "" } = process.env;
  if (!URL.canParse(address))
    throw new Refused("DARKROOM_URL must be the address of the app, such as https://images.example.", 2);
  if (key === "") throw new Refused("DARKROOM_KEY must be the key of an operator.", 2);
  return { url: new URL(address), key };
}

async function ask({ method, path, body }: OpsRequest): Promise<string> {
  const { url, key } = readPlace();
  const address = `${url.href.replace(/\/$/, "")}/api/operator/${path}`;
  const headers = { "api-key": key, "content-type": "application/json" };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  const reply = await fetch(address, init).catch(() => {
    throw new Refused(`Nobody answers at ${url.origin}.`, 1);
  });
  const text = await reply.text();
  if (!reply.ok) throw new Refused(`${messageIn(text) ?? "The app refused this"} (${reply.status})`, 1);
  return JSON.stringify(parseJson(text) ?? text, undefined, 2);
}

function messageIn(text: string): string | undefined {
  const reply = parseJson(text) as { error?: { message?: unknown } } | undefined;
  const message = reply?.error?.message;
  return typeof message === "string" ? message : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const { help, ...options } = values;
  if (help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const found = findCommand(positionals, options);
  if (typeof found === "string") throw new Refused(`${found} npm run ops -- --help tells more.`, 2);
  process.stdout.write(`${await ask(found.command.request(found.given, options))}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
