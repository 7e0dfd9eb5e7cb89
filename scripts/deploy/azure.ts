import spawn from "cross-spawn";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Stopped } from "./place.ts";

/** What Azure's command line answered that isn't success. `said` is its own word, and may hold anything. */
class Refused extends Error {
  override name = "Refused";
  readonly said: string;

  constructor(said: string) {
    super("az failed");
    this.said = said;
  }
}

/** Runs `az` and reads its answer as JSON; undefined where it prints nothing. Throws `Refused`, or `Stopped` without az. */
export type Azure = (...words: string[]) => Promise<unknown>;

const azure = (words: string[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const all = [...words, "--output", "json", "--only-show-errors"];
    // On Windows it is a batch file, and its words hold paths, with whatever a person calls a folder.
    const child = spawn("az", all, { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    let said = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.on("error", () => {
      reject(
        new Stopped(
          "The Azure CLI (az) isn't installed or isn't on the PATH: install it from https://aka.ms/azure-cli, run `az login`, and then this again.",
        ),
      );
    });
    child.on("close", (code) => {
      if (code !== 0) {
        reject(new Refused(said));
        return;
      }
      try {
        resolve(printed.trim() === "" ? undefined : JSON.parse(printed));
      } catch {
        reject(new Refused("It printed what is no JSON."));
      }
    });
  });

/** Azure's command line for one subscription: azd's, which need not be the one that az has as its default. */
export const azureOf =
  (subscription: string): Azure =>
  (...words) =>
    azure([...words, "--subscription", subscription]);

/** How long something is waited for, and how often it is looked at. */
export interface Patience {
  forMs: number;
  everyMs: number;
}

/**
 * Asks again while Azure refuses, as it does until a role has spread or a host has started. Throws the last refusal, and at
 * once what no waiting cures.
 */
export async function patiently<T>({ forMs, everyMs }: Patience, ask: () => Promise<T>): Promise<T> {
  const until = Date.now() + forMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof Refused && !notSignedIn.test(error.said);
      if (!passes || Date.now() >= until) throw error;
    }
    await sleep(everyMs);
  }
}

/** Runs something with values in a file that only this user can read: command lines are for all to see. */
export async function withFile<T>(content: object, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "darkroom-"));
  try {
    const path = join(folder, "values.json");
    await writeFile(path, JSON.stringify(content), { mode: 0o600 });
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was asked for; undefined where Azure says that there is no such thing. */
export async function ifThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Refused && /not ?found|could not be found/i.test(error.said)) return undefined;
    throw error;
  }
}

/** Names what was being done, and turns what az said into one sentence that says what to do. */
export async function attempt<T>(what: string, remedy: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new Stopped(`${what} failed: ${remedyOf(error.said) ?? remedy}`);
  }
}

const notSignedIn = /az login|AADSTS|InteractionRequired/i;

/** What az said is never repeated: it may hold what it was given. */
function remedyOf(said: string): string | undefined {
  const known: [RegExp, string][] = [
    [notSignedIn, "you aren't signed in; run `az login`, and then this again."],
    [
      /AuthorizationFailed|does not have authorization|Forbidden/i,
      "you may not do that; have an owner of the resource group give you the role Contributor, and run this again.",
    ],
    [
      /ResourceGroupNotFound|ParentResourceNotFound|SubscriptionNotFound/i,
      "what it belongs to isn't there; run `azd provision`, and then this again.",
    ],
    [
      /TooManyRequests|\(429\)|throttl/i,
      "Azure asks for a pause; wait for a few minutes, and run this again.",
    ],
    [
      /Max retries exceeded|Failed to establish|Name or service not known|getaddrinfo|timed out/i,
      "Azure couldn't be reached; see that this machine is online, and run this again.",
    ],
  ];
  return known.find(([pattern]) => pattern.test(said))?.[1];
}
