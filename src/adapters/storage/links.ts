import {
  BlobSASPermissions,
  type BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from "@azure/storage-blob";
import { linkTimes } from "../../domain/link-times.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MakeLink } from "./image-store.ts";

// The newest version that both the service and its emulator sign alike.
const sasVersion = "2025-05-05";
const hourMs = 3_600_000;

// Longer than a phone needs for 50 MB over a poor network; the upload is looked at after it came anyway.
const ticketMs = 15 * 60_000;

/**
 * Makes links to single blobs: read-only ones, good for `ttlHours`, and tickets. Signed with the account's key when the
 * connection has one (the emulator), with a user-delegation key from Entra ID otherwise. Links are made when asked for,
 * never stored, and are the same all hour: an image cache knows what it has by its address. With `origin` they lead there, and not to the account's own address.
 *
 * A ticket may create and nothing else: who may write may also overwrite, after the upload was looked at. The service
 * takes blocks from writers only, so an upload by ticket is one Put Blob, which holds a hundred times the largest input.
 */
export function linkMakers(
  service: BlobServiceClient,
  ttlHours: number,
  clock: Clock,
  origin?: string,
): { makeLink: MakeLink; makeTicket: MakeLink } {
  const delegationKey = cachedDelegationKey(service, Math.max(ttlHours, ticketMs / hourMs), clock);
  // For links that are asked to live longer than usual: no key lives longer than this one.
  const longKey = cachedDelegationKey(service, maxKeyMs / hourMs, clock);
  const maker =
    (permissions: string, ttlMs: number, timesOf: typeof linkTimes): MakeLink =>
    async (container, name, hours) => {
      const { credential } = service;
      const lifeMs = hours === undefined ? ttlMs : hours * hourMs;
      const times = timesOf(clock.now().getTime(), lifeMs);
      const keyFor = lifeMs > ttlMs ? longKey : delegationKey;
      const key = credential instanceof StorageSharedKeyCredential ? undefined : await keyFor();
      // No link outlives its key. Whole seconds: the service drops the fraction, and the time told is the time that holds.
      const expires = Math.min(times.expiresAt, key?.signedExpiresOn.getTime() ?? Infinity);
      const expiresAt = new Date(Math.floor(expires / 1000) * 1000);
      const blob = container.getBlobClient(name);
      const facts = {
        containerName: container.containerName,
        blobName: name,
        permissions: BlobSASPermissions.parse(permissions),
        startsOn: new Date(times.startsAt),
        expiresOn: expiresAt,
        version: sasVersion,
        ...(new URL(blob.url).protocol === "https:" && { protocol: SASProtocol.Https }),
      };
      const query = key
        ? generateBlobSASQueryParameters(facts, key, service.accountName)
        : generateBlobSASQueryParameters(facts, credential as StorageSharedKeyCredential);
      return { url: `${publicAddress(blob.url, origin)}?${query.toString()}`, expiresAt };
    };
  return { makeLink: maker("r", ttlHours * hourMs, linkTimes), makeTicket: maker("c", ticketMs, fromNow) };
}

/** A ticket opens one upload of one caller: nothing is gained by two of them being the same. */
const fromNow: typeof linkTimes = (now, lifeMs) => ({ ...linkTimes(now, hourMs), expiresAt: now + lifeMs });

/** A signature holds for the blob, whatever host its address names (Azure Storage, canonicalized resource of a service SAS). */
function publicAddress(address: string, origin: string | undefined): string {
  return origin === undefined ? address : origin + new URL(address).pathname;
}

// A key lives seven days from its start, which is set back a little: clocks differ, also the one that checks this.
const maxKeyMs = 7 * 24 * hourMs - 5 * 60_000;

// Nothing says that the account's delegation keys were revoked, and a link signed by a dead one opens nothing. To look whether
// a key still lives would cost as much as to take a new one.
const keyUsedMs = 60_000;

/**
 * One key signs many links, for a minute: after a revocation no link is signed by the dead key for longer. While nobody asks
 * for links no key is asked for. All keys of an hour start and end together: the service keeps none of them but derives each
 * from what is asked for, so that they are one, and sign alike, on all instances.
 */
function cachedDelegationKey(
  service: BlobServiceClient,
  ttlHours: number,
  clock: Clock,
): () => Promise<UserDelegationKey> {
  let key: Promise<UserDelegationKey> | undefined;
  let usableUntil = 0;
  return async () => {
    const now = clock.now().getTime();
    if (!key || now >= usableUntil) {
      const { startsAt, windowEndsAt } = linkTimes(now, hourMs);
      usableUntil = Math.min(now + keyUsedMs, windowEndsAt);
      const endsAt = Math.min(startsAt + maxKeyMs, windowEndsAt + (ttlHours + 1) * hourMs);
      key = service.getUserDelegationKey(new Date(startsAt), new Date(endsAt));
      key.catch(() => (key = undefined));
    }
    return key;
  };
}
