import { createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import { attempt, type Azure, Refused, withFile } from "./azure.ts";
import type { Place } from "./place.ts";

/** The caller whose key is made at first. */
export const firstCaller = "first";

const version = "2024-11-01";
const found = z.looseObject({ id: z.string() });

/** A key, and its hash, which is all that is kept of it. */
function makeKey(): { key: string; hash: string } {
  const key = `dk_${randomBytes(32).toString("base64url")}`;
  return { key, hash: createHash("sha256").update(key).digest("hex") };
}

export interface MadeSecrets {
  /** Whether there is any that the app hasn't read yet. */
  areNew: boolean;
  /** The first key, if this run made it: nobody can read it again. */
  key?: string;
}

/**
 * Makes the secrets that aren't there, and leaves alone those that are.
 *
 * By the resource manager rather than the vault's own address: a private vault has none that this machine could reach, and
 * who deploys needs no role to read secrets. It tells whether there is a secret, and never its value.
 */
export async function makeSecrets(
  az: Azure,
  place: Place,
  tell: (line: string) => void,
): Promise<MadeSecrets> {
  const { key, hash } = makeKey();
  const random = () => randomBytes(48).toString("base64url");
  const signingIsNew = await makeUnlessThere(az, place, tell, "signing-key", random);
  const webhooksAreNew = await makeUnlessThere(az, place, tell, "webhook-secrets", () => "{}");
  const keyIsNew = await makeUnlessThere(az, place, tell, "api-keys", () =>
    JSON.stringify({ [firstCaller]: hash }),
  );
  return { areNew: signingIsNew || webhooksAreNew || keyIsNew, ...(keyIsNew && { key }) };
}

async function makeUnlessThere(
  az: Azure,
  { subscription, group, vault }: Place,
  tell: (line: string) => void,
  name: string,
  make: () => string,
): Promise<boolean> {
  const path = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${vault}/secrets/${name}?api-version=${version}`;
  const isThere = await attempt(
    `Looking for the secret ${name}`,
    "see that the key vault exists (`azd provision`), and run this again.",
    async () => {
      try {
        return found.safeParse(await az("rest", "--method", "get", "--url", path)).success;
      } catch (error) {
        if (error instanceof Refused && error.isNotFound) return false;
        throw error;
      }
    },
  );
  if (isThere) return false;
  await attempt(
    `Making the secret ${name}`,
    "see in the portal whether a deleted secret of this name stands in the way, purge it, and run this again.",
    () =>
      withFile({ properties: { value: make(), attributes: { enabled: true } } }, (file) =>
        az("rest", "--method", "put", "--url", path, "--body", `@${file}`),
      ),
  );
  tell(`made the secret ${name}`);
  return true;
}
