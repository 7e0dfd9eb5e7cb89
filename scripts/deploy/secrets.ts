import { createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import { attempt, type Azure, ifThere, withFile } from "./azure.ts";
import type { Place } from "./place.ts";
import type { Report } from "./run-step.ts";

/** The caller whose key is made at first. */
export const firstCaller = "first";

/** Takes the place of callers while there is none: the app needs one to start, and nobody has the key of this one. */
const nobody = "nobody";

const version = "2024-11-01";
const found = z.looseObject({ tags: z.record(z.string(), z.string()).nullish() });

/** A key, and its hash, which is all that is kept of it. */
function makeKey(): { key: string; hash: string } {
  const key = `dk_${randomBytes(32).toString("base64url")}`;
  return { key, hash: createHash("sha256").update(key).digest("hex") };
}

/**
 * Makes the secrets that aren't there, and leaves alone those that are; says whether it made any. Nobody is a caller yet.
 *
 * By the resource manager rather than the vault's own address: a private vault has none that this machine could reach, and
 * who deploys needs no role to read secrets. It tells whether there is a secret, and never its value.
 */
export async function makeSecrets(az: Azure, place: Place, report: Report): Promise<boolean> {
  const secrets: [string, () => string, string?][] = [
    ["signing-key", () => randomBytes(48).toString("base64url")],
    ["webhook-secrets", () => "{}"],
    ["api-keys", () => JSON.stringify({ [nobody]: makeKey().hash }), nobody],
  ];
  let anyIsNew = false;
  for (const [name, make, callers] of secrets) {
    if (await read(az, place, name)) continue;
    await write(az, place, name, make(), callers);
    report(`made the secret ${name}`);
    anyIsNew = true;
  }
  return anyIsNew;
}

/** The first key, if there is no caller yet; undefined where there is one, whose key nobody can read again. */
export async function makeFirstKey(az: Azure, place: Place, report: Report): Promise<string | undefined> {
  const existing = await read(az, place, "api-keys");
  if (existing && existing.tags?.["callers"] !== nobody) return undefined;
  const { key, hash } = makeKey();
  await write(az, place, "api-keys", JSON.stringify({ [firstCaller]: hash }));
  report("made a first key");
  return key;
}

async function read(az: Azure, place: Place, name: string): Promise<z.infer<typeof found> | undefined> {
  return attempt(
    `Looking for the secret ${name}`,
    "see that the key vault exists (`azd provision`), and run this again.",
    () =>
      ifThere(async () => found.parse(await az("rest", "--method", "get", "--url", addressOf(place, name)))),
  );
}

async function write(az: Azure, place: Place, name: string, value: string, callers?: string): Promise<void> {
  const secret = {
    properties: { value, attributes: { enabled: true } },
    tags: callers === undefined ? {} : { callers },
  };
  await attempt(
    `Making the secret ${name}`,
    "see in the portal whether a deleted secret of this name stands in the way, purge it, and run this again.",
    () =>
      withFile(secret, (file) =>
        az("rest", "--method", "put", "--url", addressOf(place, name), "--body", `@${file}`),
      ),
  );
}

function addressOf({ subscription, group, vault }: Place, name: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${vault}/secrets/${name}?api-version=${version}`;
}
