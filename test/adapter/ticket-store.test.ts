import { describe, expect, it } from "vitest";
import { tableHookStore } from "../../src/adapters/storage/hook-store.ts";
import { tableTicketStore } from "../../src/adapters/storage/ticket-store.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
const store = () => tableTicketStore(azurite.clients().tables);
const expiresAt = new Date("2026-03-04T05:06:07.000Z");

describe("tickets that were handed out", () => {
  it("are kept for each caller, over restarts, and no hooks", async () => {
    const tickets = Array.from({ length: 17 }, (_, at) => ({ uploadId: `upl_${at}`, expiresAt }));
    await store().add("one", tickets);
    await store().add("one", tickets.slice(0, 1));
    expect((await store().list("one")).map(({ uploadId }) => uploadId).sort()).toEqual(
      tickets.map(({ uploadId }) => uploadId).sort(),
    );
    expect((await store().list("one"))[0]?.expiresAt).toEqual(expiresAt);
    expect(await store().list("two")).toEqual([]);
    expect(await tableHookStore(azurite.clients().tables).list("one")).toEqual([]);
  });

  it("are removed once, and again without a fault", async () => {
    const tickets = Array.from({ length: 40 }, (_, at) => ({ uploadId: `upl_${at}`, expiresAt }));
    await store().add("gone", tickets);
    await store().remove("gone", tickets);
    await store().remove("gone", tickets);
    expect(await store().list("gone")).toEqual([]);
  });
});
