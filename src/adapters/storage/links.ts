import {
  BlobSASPermissions,
  type BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from "@azure/storage-blob";
import type { Clock } from "../../ports/clock.ts";
import type { MakeLink } from "./image-store.ts";

// The newest version that both the service and its emulator sign alike.
const sasVersion = "2025-05-05";
const hourMs = 3_600_000;
// Clocks differ: a link that starts now may not have started yet where it is checked.
const headStartMs = 15 * 60_000;

// Longer than a phone needs for 50 MB over a poor network; the upload is looked at after it came anyway.
const ticketMs = 15 * 60_000;

/**
 * Makes links to single blobs: read-only ones, good for `ttlHours`, and tickets. Signed with the account's key when the
 * connection has one (the emulator), with a user-delegation key from Entra ID otherwise. Links are made when asked for,
 * never stored.
 *
 * A ticket may create and nothing else: who may write may also overwrite, after the upload was looked at. The service
 * takes blocks from writers only, so an upload by ticket is one Put Blob, which holds a hundred times the largest input.
 */
export function linkMakers(
  service: BlobServiceClient,
  ttlHours: number,
  clock: Clock,
): { makeLink: MakeLink; makeTicket: MakeLink } {
  const delegationKey = cachedDelegationKey(service, Math.max(ttlHours, ticketMs / hourMs), clock);
  // For links that are asked to live longer than usual: no key lives longer than this one.
  const longKey = cachedDelegationKey(service, maxKeyMs / hourMs, clock);
  const maker =
    (permissions: string, ttlMs: number): MakeLink =>
    async (container, name, hours) => {
      const { credential } = service;
      const now = clock.now().getTime();
      const lifeMs = hours === undefined ? ttlMs : hours * hourMs;
      const keyFor = lifeMs > ttlMs ? longKey : delegationKey;
      const key = credential instanceof StorageSharedKeyCredential ? undefined : await keyFor();
      // No link outlives its key. Whole seconds: the service drops the fraction, and the time told is the time that holds.
      const expires = Math.min(now + lifeMs, key?.signedExpiresOn.getTime() ?? Infinity);
      const expiresAt = new Date(Math.floor(expires / 1000) * 1000);
      const blob = container.getBlobClient(name);
      const facts = {
        containerName: container.containerName,
        blobName: name,
        permissions: BlobSASPermissions.parse(permissions),
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
  return { makeLink: maker("r", ttlHours * hourMs), makeTicket: maker("c", ticketMs) };
}

// A key lives seven days from its start, which is set back a little: clocks differ, also the one that checks this.
const maxKeyMs = 7 * 24 * hourMs - headStartMs - 5 * 60_000;

// Nothing says that the account's delegation keys were revoked, and a link signed by a dead one opens nothing. To look whether
// a key still lives would cost as much as to take a new one.
const keyUsedMs = 60_000;

/**
 * One key signs many links, for a minute: after a revocation no link is signed by the dead key for longer. While nobody asks
 * for links no key is asked for.
 */
function cachedDelegationKey(
  service: BlobServiceClient,
  ttlHours: number,
  clock: Clock,
): () => Promise<UserDelegationKey> {
  const lifeMs = Math.min(maxKeyMs, (ttlHours + 1) * hourMs);
  let key: Promise<UserDelegationKey> | undefined;
  let usableUntil = 0;
  return async () => {
    const now = clock.now().getTime();
    if (!key || now >= usableUntil) {
      usableUntil = now + keyUsedMs;
      key = service.getUserDelegationKey(new Date(now - headStartMs), new Date(now + lifeMs));
      key.catch(() => (key = undefined));
    }
    return key;
  };
}
