import { describe, expect, it, vi } from "vitest";
import type { ImageStore } from "../../src/ports/images.ts";
import { blobImageStore } from "../../src/adapters/storage/image-store.ts";
import { linkMakers } from "../../src/adapters/storage/links.ts";
import { statusOf, useAzuriteByIdentity } from "../support/storage-by-identity.ts";
import { cipher } from "../support/cipher.ts";

/** Links as they are made in Azure: signed by a user-delegation key from Entra ID. */
const azurite = useAzuriteByIdentity();

const storeAt = (now: number, ttlHours = 24): ImageStore => {
  const clock = { now: () => new Date(now) };
  return blobImageStore(azurite.service(), linkMakers(azurite.service(), ttlHours, clock).makeLink, cipher);
};
const bytes = new TextEncoder().encode("pixels");

describe("a link by an identity", () => {
  it("opens its blob without credentials, over https only, signed by a delegated key", async () => {
    const store = storeAt(Date.now());
    await store.put("delegated/0.png", bytes, { contentType: "image/png" });
    const { url } = await store.link("delegated/0.png");
    expect(await statusOf(url)).toBe(200);
    const query = new URL(url).searchParams;
    expect([query.get("spr"), query.get("sp"), query.get("sr")]).toEqual(["https", "r", "b"]);
    expect(query.get("skoid")).toBeTruthy();
  });

  it("opens nothing once it is changed or has expired", async () => {
    const store = storeAt(Date.now());
    await store.put("delegated/1.png", bytes, { contentType: "image/png" });
    const { url } = await store.link("delegated/1.png");
    const changed = url.replace(/sig=(.)/, (_, first: string) => `sig=${first === "A" ? "B" : "A"}`);
    expect(await statusOf(changed)).toBe(403);
    const stale = await storeAt(Date.now() - 3 * 3_600_000, 1).link("delegated/1.png");
    expect(await statusOf(stale.url)).toBe(403);
  });

  it("is signed by a key that lives as long, when it is asked to live longer than usual", async () => {
    const store = storeAt(Date.now(), 1);
    await store.put("delegated/long.png", bytes, { contentType: "image/png" });
    const { url, expiresAt } = await store.link("delegated/long.png", 100);
    expect(expiresAt.getTime()).toBeGreaterThan(Date.now() + 99 * 3_600_000);
    expect(Date.parse(new URL(url).searchParams.get("ske") ?? "")).toBeGreaterThanOrEqual(
      expiresAt.getTime(),
    );
    expect(await statusOf(url)).toBe(200);
    // A key can't live longer than a week, and the link says when it dies with it.
    const longest = await store.link("delegated/long.png", 168);
    const keyEnds = Date.parse(new URL(longest.url).searchParams.get("ske") ?? "");
    expect(longest.expiresAt.getTime()).toBeLessThanOrEqual(keyEnds);
  });

  it("shares its key with many others, for a minute: a revoked key signs no longer than that", async () => {
    // Early in an hour: at its end another key begins.
    const now = { value: Math.floor(Date.now() / 3_600_000) * 3_600_000 };
    const service = azurite.service();
    const asked = vi.spyOn(service, "getUserDelegationKey");
    const { makeLink } = linkMakers(service, 24, { now: () => new Date(now.value) });
    const store = blobImageStore(service, makeLink, cipher);
    for (const hours of [undefined, 100]) {
      asked.mockClear();
      const first = await Promise.all(
        Array.from({ length: 20 }, async () => (await store.link("many/0.png", hours)).url),
      );
      expect(new Set(first).size).toBe(1);
      now.value += 59_000;
      await store.link("many/0.png", hours);
      expect(asked).toHaveBeenCalledTimes(1);
      now.value += 1_000;
      expect((await store.link("many/0.png", hours)).url).toBe(first[0]);
      expect(asked).toHaveBeenCalledTimes(2);
    }
  });

  it("is the same on all instances for an hour: their keys start and end together", async () => {
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const links = await Promise.all(
      [0, 59_000, 3_599_999].map(async (passed) => (await storeAt(hour + passed).link("same/0.png")).url),
    );
    expect(new Set(links).size).toBe(1);
    expect((await storeAt(hour + 3_600_000).link("same/0.png")).url).not.toBe(links[0]);
  });
});
