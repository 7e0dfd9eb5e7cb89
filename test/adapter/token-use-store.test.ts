import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../src/adapters/storage/tables.ts";
import { tableTokenUses } from "../../src/adapters/storage/token-use-store.ts";
import type { TokenUses } from "../../src/ports/callers.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let tables: Tables;
let uses: TokenUses;
beforeAll(() => {
  ({ tables } = azurite.clients());
  uses = tableTokenUses(tables);
});

const token = (id: string, maxJobs: number, expiresAt = "2100-01-01T00:00:00.000Z") => ({
  id,
  subject: "ann",
  expiresAt,
  maxJobs,
});

describe("uses of a token", () => {
  it("are as many as it was given, however many instances count at once", async () => {
    const instances = [uses, ...Array.from({ length: 3 }, () => tableTokenUses(azurite.clients().tables))];
    const shared = token("shared", 5);
    const taken = await Promise.all(
      instances.flatMap((instance) => Array.from({ length: 6 }, () => instance.take(shared))),
    );
    expect(taken.filter(Boolean)).toHaveLength(5);
  });

  it("that made no job are given back", async () => {
    const once = token("once", 1);
    expect([await uses.take(once), await uses.take(once)]).toEqual([true, false]);
    await uses.giveBack(once);
    expect([await uses.take(once), await uses.take(once)]).toEqual([true, false]);
  });

  it("are forgotten once the token has ended, and no sooner", async () => {
    const [ended, alive] = [token("ended", 1, "2026-03-04T05:06:06.000Z"), token("alive", 1)];
    await uses.take(ended);
    await uses.take(alive);
    await uses.removeExpired(new Date("2026-03-04T05:06:07.000Z"));
    const { callers } = tables;
    await expect(callers.getEntity("token-uses", "ended")).rejects.toMatchObject({ statusCode: 404 });
    expect((await callers.getEntity("token-uses", "alive")).rowKey).toBe("alive");
  });
});
