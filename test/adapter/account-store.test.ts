import { expect, it } from "vitest";
import { tableCallerAccounts } from "../../src/adapters/storage/account-store.ts";
import { closeEntry, enterJob, tokenAccountName } from "../../src/domain/quota/account.ts";
import type { CallerAccounts } from "../../src/ports/accounts.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
const anInstance = () => tableCallerAccounts(azurite.clients().tables);

async function enter(accounts: CallerAccounts, owner: string, jobId: string): Promise<boolean> {
  let isEntered = false;
  await accounts.change(owner, jobId, ({ account, entry }) => {
    isEntered = true;
    if (entry) return undefined;
    const decision = enterJob(account, { openJobs: 10 }, 0, 0);
    isEntered = decision.kind === "entered";
    return decision.kind === "entered" ? decision : undefined;
  });
  return isEntered;
}

it("of a hundred jobs at once, on four instances, as many are entered as may be", async () => {
  const owner = "key:of many / jobs";
  const instances = Array.from({ length: 4 }, anInstance);
  const entered = await Promise.all(
    instances.flatMap((accounts, instance) =>
      Array.from({ length: 25 }, (_, job) => enter(accounts, owner, `${instance}-${job}`)),
    ),
  );
  expect(entered.filter(Boolean)).toHaveLength(10);
  expect(await anInstance().entries(owner)).toHaveLength(10);
});

it("a job that is entered again, or closed again, counts once", async () => {
  const [accounts, owner] = [anInstance(), "key:again"];
  await enter(accounts, owner, "one");
  await enter(accounts, owner, "one");
  await enter(accounts, owner, "two");
  const close = () =>
    accounts.change(owner, "one", ({ account, entry }) =>
      entry
        ? { account: closeEntry(account, entry, { spent: 0, budget: undefined }, 0), entry: undefined }
        : undefined,
    );
  await close();
  await close();
  expect(await accounts.entries(owner)).toEqual([
    { jobId: "two", entry: { enteredAt: 0, reserved: 0, repeats: {} } },
  ]);
  await accounts.change(owner, "one", ({ account }) => {
    expect(account.openJobs).toBe(1);
    return undefined;
  });
});

it("what an edit throws is thrown, and nothing is written", async () => {
  const [accounts, owner] = [anInstance(), "key:thrown"];
  const refusing = accounts.change(owner, "one", () => {
    throw new Error("not this one");
  });
  await expect(refusing).rejects.toThrow("not this one");
  expect(await accounts.entries(owner)).toEqual([]);
});

it("accounts of tokens that ended are removed, and no others", async () => {
  const accounts = anInstance();
  const name = (expiresAt: string) => tokenAccountName({ id: "t", expiresAt });
  const [old, live] = [name("2025-01-01T00:00:00.000Z"), name("2025-01-03T00:00:00.000Z")];
  const owner = "key:keeps";
  for (const each of [old, live, owner]) await enter(accounts, each, "one");
  await accounts.removeExpired(new Date("2025-01-02T00:00:00.000Z"));
  const left = await Promise.all([old, live, owner].map((each) => accounts.entries(each)));
  expect(left.map(({ length }) => length)).toEqual([0, 1, 1]);
  expect([(await accounts.read(old)).openJobs, (await accounts.read(live)).openJobs]).toEqual([0, 1]);
});
