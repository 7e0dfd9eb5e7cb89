import { TableClient } from "@azure/data-tables";
import { BlobServiceClient, StorageRetryPolicyType } from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAzurite } from "../../../local/azurite.ts";
import type { Action, Rule } from "../../../scripts/faults/proxy/rule.ts";
import { RunScope, Scopes, tokenOf } from "../../../scripts/faults/proxy/run-scope.ts";
import { startStorageProxy } from "../../../scripts/faults/proxy/storage-proxy.ts";
import { StorageView } from "../../../scripts/faults/stack/storage-view.ts";

const scopes = new Scopes();
const stops: (() => Promise<unknown>)[] = [];
let direct: StorageView;
let blobs: BlobServiceClient;
let table: TableClient;

beforeAll(async () => {
  const azurite = await startAzurite(undefined);
  stops.push(() => azurite.stop());
  const proxy = await startStorageProxy(azurite.connectionString, scopes);
  stops.unshift(() => proxy.close());
  direct = new StorageView(azurite.connectionString);
  const once = { retryPolicyType: StorageRetryPolicyType.FIXED, maxTries: 1 };
  blobs = BlobServiceClient.fromConnectionString(proxy.connectionString, { retryOptions: once });
  await blobs.getContainerClient("images").createIfNotExists();
  table = TableClient.fromConnectionString(proxy.connectionString, "jobs", {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
  await table.createTable();
});

afterAll(async () => {
  for (const stop of stops) await stop();
});

let scopesMade = 0;
function armed(...rules: Rule[]): RunScope {
  const scope = new RunScope(tokenOf((scopesMade += 1)), scopesMade, rules);
  scopes.add(scope);
  return scope;
}
const striking = (action: Action, match: Rule["match"] = {}): Rule => ({ name: "planned", match, action });

async function put(name: string): Promise<number | string> {
  return outcome(blobs.getContainerClient("images").getBlockBlobClient(name).upload("four", 4));
}
async function outcome(work: Promise<unknown>): Promise<number | string> {
  try {
    await work;
    return "done";
  } catch (error) {
    const { statusCode, code } = error as { statusCode?: number; code?: string };
    return statusCode ?? code ?? "broken";
  }
}
const isThere = async (name: string) => (await direct.blobs("images", name)).length > 0;

describe("a proxy in front of storage", () => {
  it("passes what nobody planned, signatures and all", async () => {
    const { token } = armed();
    expect(await put(token)).toBe("done");
    const { url } = blobs.getContainerClient("images").getBlobClient(token);
    expect((await fetch(url)).status).not.toBe(200);
    expect(await outcome(table.createEntity({ partitionKey: "p", rowKey: token, note: "ä/€" }))).toBe("done");
    expect((await table.getEntity("p", token))["note"]).toBe("ä/€");
  });

  it("strikes no row that several runs share", async () => {
    const runs = [armed(striking({ kind: "reset" })), armed()];
    const shared = runs.map(({ token }) => token).join();
    expect(await outcome(table.createEntity({ partitionKey: "p", rowKey: "pool", shared }))).toBe("done");
    expect(await put(runs[0]?.token ?? "")).toBe("ECONNRESET");
  });

  it.each<[what: string, action: Action, seen: number | string, written: boolean]>([
    ["503 in place of the work", { kind: "status", status: 503 }, 503, false],
    ["403 in place of the work", { kind: "status", status: 403 }, 403, false],
    ["409 in place of the work", { kind: "status", status: 409 }, 409, false],
    ["412 in place of the work", { kind: "status", status: 412 }, 412, false],
    ["500 after the work", { kind: "status", status: 500, afterWork: true }, 500, true],
    ["a reset in place of the work", { kind: "reset" }, "ECONNRESET", false],
    ["a reset in place of the answer", { kind: "lost" }, "ECONNRESET", true],
    ["a delay before the work", { kind: "delay", ms: 30 }, "done", true],
  ])("answers a blob's write with %s", async (_, action, seen, written) => {
    const { token } = armed(striking(action));
    expect(await put(token)).toBe(seen);
    expect(await isThere(token)).toBe(written);
  });

  it.each([403, 404, 409, 412, 500, 503])(
    "tells a table's %i as the service words it, in a transaction too",
    async (status) => {
      const { token } = armed(striking({ kind: "status", status }, { times: 2 }));
      const row = { partitionKey: token, rowKey: "1" };
      expect(await outcome(table.createEntity(row))).toBe(status);
      expect(await outcome(table.submitTransaction([["create", row]]))).toBe(status);
      expect(await outcome(table.submitTransaction([["create", row]]))).toBe("done");
    },
  );

  it("cuts an answer midway, and lets another come slowly", async () => {
    const { token } = armed(
      striking({ kind: "cut", share: 0.5 }, { kind: "read" }),
      striking({ kind: "slow", bytesPerSecond: 40 }, { kind: "read", nth: 2 }),
    );
    await put(token);
    const read = async () => {
      const { readableStreamBody } = await blobs
        .getContainerClient("images")
        .getBlobClient(token)
        .download(0, 4, { maxRetryRequests: 0 });
      const chunks: Uint8Array[] = [];
      for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString();
    };
    expect(await outcome(read())).not.toBe("done");
    expect(await read()).toBe("four");
  });

  it("strikes what a rule names and nothing else: service, place, kind, number, pattern", async () => {
    const fault: Action = { kind: "status", status: 503 };
    const { token } = armed(
      striking(fault, { service: "blob", place: "images", kind: "write", nth: 2, times: 2 }),
      striking(fault, { service: "table", pattern: /"rowKey-only"/ }),
    );
    const outcomes: (number | string)[] = [];
    for (let at = 0; at < 4; at += 1) outcomes.push(await put(`${token}-${at}`));
    expect(outcomes).toEqual(["done", 503, 503, "done"]);
    expect(await outcome(table.createEntity({ partitionKey: token, rowKey: "1" }))).toBe("done");
    expect(await outcome(table.createEntity({ partitionKey: token, rowKey: "rowKey-only" }))).toBe(503);
  });

  it("is away from a moment on, for as long as its window", async () => {
    const window = { from: "called", forMs: 60_000 } as const;
    const scope = armed(striking({ kind: "reset" }, { window }));
    expect(await put(`${scope.token}-0`)).toBe("done");
    scope.note("called");
    expect(await put(`${scope.token}-1`)).toBe("ECONNRESET");
    scope.moments.set("called", Date.now() - 60_001);
    expect(await put(`${scope.token}-1`)).toBe("done");
  });

  it("knows a job by its id once a write has named it beside the run's token, and no other", async () => {
    const [mine, other] = ["0", "1"].map((end) => `job_${"0".repeat(31)}${end}`);
    const scope = armed(striking({ kind: "status", status: 503 }, { service: "blob" }));
    await table.createEntity({ partitionKey: "tag", rowKey: mine ?? "", prompt: scope.token });
    expect([...scope.jobs]).toEqual([mine]);
    expect(await put(`${other ?? ""}/0.png`)).toBe("done");
    expect(await put(`${mine ?? ""}/0.png`)).toBe(503);
    scopes.remove(scope);
    expect(await put(`${mine ?? ""}/1.png`)).toBe("done");
  });

  it("sees a job's end coming", async () => {
    const scope = armed();
    await table.createEntity({ partitionKey: scope.token, rowKey: "slot-000" });
    expect(scope.moments.has("ending")).toBe(false);
    await table.submitTransaction([["create", { partitionKey: scope.token, rowKey: "end" }]]);
    expect(scope.moments.has("ending")).toBe(true);
  });
});
