import {
  BlobSASPermissions,
  type BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from "@azure/storage-blob";
import type { Clock } from "../ports.ts";
import type { MakeLink } from "./image-store.ts";

// The newest version that both the service and its emulator sign alike.
const sasVersion = "2025-05-05";
const hourMs = 3_600_000;
// Clocks differ: a link that starts now may not have started yet where it is checked.
const headStartMs = 15 * 60_000;

/**
 * Makes read-only links to single blobs, good for `ttlHours`. Signed with the account's key when the connection has
 * one (the emulator), with a user-delegation key from Entra ID otherwise. Links are made when asked for, never stored.
 */
export function linkMaker(service: BlobServiceClient, ttlHours: number, clock: Clock): MakeLink {
  const { credential } = service;
  const delegationKey = cachedDelegationKey(service, ttlHours, clock);
  return async (container, name) => {
    const now = clock.now().getTime();
    const key = credential instanceof StorageSharedKeyCredential ? undefined : await delegationKey();
    const wanted = now + ttlHours * hourMs;
    // No link outlives its key. Whole seconds: the service drops the fraction, and the time told is the time that holds.
    const expires = Math.min(wanted, key?.signedExpiresOn.getTime() ?? Infinity);
    const expiresAt = new Date(Math.floor(expires / 1000) * 1000);
    const blob = container.getBlobClient(name);
    const facts = {
      containerName: container.containerName,
      blobName: name,
      permissions: BlobSASPermissions.parse("r"),
      startsOn: new Date(now - headStartMs),
      expiresOn: expiresAt,
      version: sasVersion,
      ...(new URL(blob.url).protocol === "https:" && { protocol: SASProtocol.Https }),
    };
    const query = key
      ? generateBlobSASQueryParameters(facts, key, service.accountName)
      : generateBlobSASQueryParameters(facts, credential as StorageSharedKeyCredential);
    return { url: `${blob.url}?${query.toString()}`, expiresAt };
  };
}

// A key lives seven days from its start, which is set back a little: clocks differ, also the one that checks this.
const longestKeyMs = 7 * 24 * hourMs - headStartMs - 5 * 60_000;

/** One key signs many links. It is renewed when it would cut a new link short, but never more than once an hour. */
function cachedDelegationKey(
  service: BlobServiceClient,
  ttlHours: number,
  clock: Clock,
): () => Promise<UserDelegationKey> {
  const lifeMs = Math.min(longestKeyMs, (ttlHours + 24) * hourMs);
  const usableMs = Math.max(hourMs, lifeMs - ttlHours * hourMs);
  let key: Promise<UserDelegationKey> | undefined;
  let usableUntil = 0;
  return async () => {
    const now = clock.now().getTime();
    if (!key || now >= usableUntil) {
      usableUntil = now + usableMs;
      key = service.getUserDelegationKey(new Date(now - headStartMs), new Date(now + lifeMs));
      key.catch(() => (key = undefined));
    }
    return key;
  };
}
