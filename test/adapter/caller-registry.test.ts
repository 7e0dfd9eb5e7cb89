import { beforeAll, expect, it } from "vitest";
import { tableAllJobs } from "../../src/adapters/storage/all-jobs.ts";
import { tableAuditLog } from "../../src/adapters/storage/audit-log.ts";
import { tableCallerRegistry } from "../../src/adapters/storage/caller-registry.ts";
import { tableJobStore } from "../../src/adapters/storage/job-store.ts";
import type { Tables } from "../../src/adapters/storage/tables.ts";
import { type CallerRecord, withoutKey } from "../../src/domain/caller-registry.ts";
import { randomJobIds } from "../../src/adapters/crypto/job-id-maker.ts";
import { FakeClock } from "../support/fakes.ts";
import { aJob } from "../support/jobs.ts";
import { useAzurite } from "../support/storage.ts";

const azurite = useAzurite();
let tables: Tables;
beforeAll(() => {
  ({ tables } = azurite.clients());
});

const at = "2026-03-04T05:06:07.000Z";
const operator = (name: string): CallerRecord => ({
  name,
  scopes: ["operator"],
  createdAt: at,
  keys: [{ id: `${name}-key`, hash: "00", createdAt: at }],
});

it("of two operators that revoke each other at the same moment, on two instances, one remains", async () => {
  const [one, other] = [tableCallerRegistry(tables), tableCallerRegistry(azurite.clients().tables)];
  await one.change(() => operator("ann"));
  await one.change(() => operator("bob"));
  const revoke = (registry: typeof one, name: string) =>
    registry.change((all) =>
      withoutKey(all, { name, keyId: `${name}-key` }, { now: new Date(at), hasOtherOperator: false }),
    );
  const ends = await Promise.allSettled([revoke(one, "ann"), revoke(other, "bob")]);
  expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const live = (await one.list()).filter(({ keys }) => keys.some(({ revokedAt }) => revokedAt === undefined));
  expect(live).toHaveLength(1);
});

it("the audit log has the newest first, with what came of it", async () => {
  const audit = tableAuditLog(tables);
  const entry = (second: number, act: string) => ({
    at: `2026-03-04T05:06:0${second}.000Z`,
    operator: "key:root",
    act,
    target: "x",
    requestId: "r",
  });
  const end = await audit.begin(entry(1, "first"));
  await audit.begin(entry(3, "cut off"));
  await audit.begin(entry(2, "second"));
  await end("200");
  expect(await audit.list(2)).toEqual([entry(3, "cut off"), entry(2, "second")]);
  expect((await audit.list(10)).at(-1)).toEqual({ ...entry(1, "first"), outcome: "200" });
});

it("jobs of all callers come page by page, each once, and none that is no job", async () => {
  const store = tableJobStore(tables);
  const ids = randomJobIds(new FakeClock(at));
  const callers = ["key:ann", "key:bob", "subject:eve@key:ann"];
  const jobs = callers.flatMap((caller) => [1, 2].map(() => aJob({ id: ids.next(caller), caller })));
  for (const job of jobs) await store.create(job);
  const all = tableAllJobs(tables);
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await all.list({ limit: 4, after });
    seen.push(...page.jobs.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  expect(seen.sort()).toEqual(jobs.map(({ id }) => id).sort());
  expect((await all.list({ limit: 10, status: "failed" })).jobs).toEqual([]);
});
