import * as z from "zod";
import type { Settings } from "./settings.ts";

/** Standard Webhooks: 24 to 64 bytes of chance in base64, behind a prefix that tells what it is. */
const pattern = /^whsec_([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const minSecretBytes = 24;
const maxSecretBytes = 64;
const maxSecrets = 2;

/**
 * WEBHOOK_SECRETS: caller id to a secret, or to two of them while one replaces the other. Problems tell an entry by its
 * place: what was written the wrong way round would be a secret in a log.
 */
export function readWebhookSecrets(
  settings: Settings,
  knownCallers: readonly string[],
): Map<string, readonly string[]> {
  const entries = settings.json("WEBHOOK_SECRETS", z.record(z.string(), z.unknown()));
  const secrets = new Map<string, readonly string[]>();
  for (const [position, [caller, value]] of Object.entries(entries ?? {}).entries()) {
    const entry = `WEBHOOK_SECRETS, entry ${position + 1},`;
    const given: unknown[] = Array.isArray(value) ? value : [value];
    if (!/^entra:[^:]+:[^:]+$/.test(caller) && !knownCallers.includes(caller))
      settings.problem(
        `${entry} must name a caller of API_KEYS, or EDIT_INBOX_CALLER, or entra:TENANT:OBJECT.`,
      );
    else if (given.length === 0 || given.length > maxSecrets || !given.every(isSecret))
      settings.problem(
        `${entry} must be a secret, or a list of two while one replaces the other: whsec_ and the base64 of ${minSecretBytes} to ${maxSecretBytes} random bytes.`,
      );
    else secrets.set(caller, given);
  }
  return secrets;
}

function isSecret(value: unknown): value is string {
  if (typeof value !== "string" || !pattern.test(value)) return false;
  const bytes = Buffer.from(value.slice("whsec_".length), "base64").length;
  return bytes >= minSecretBytes && bytes <= maxSecretBytes;
}
