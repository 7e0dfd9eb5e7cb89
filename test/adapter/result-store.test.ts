import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { beforeAll, describe, expect, it } from "vitest";
import type { ResultStore } from "../../src/ports/inputs.ts";
import { blobResultStore } from "../../src/adapters/storage/result-store.ts";
import { useAzurite } from "../support/storage.ts";
import { tapBlobs } from "../support/tap.ts";

const azurite = useAzurite();
let store: ResultStore;
let container: ContainerClient;
beforeAll(() => {
  const { blobs } = azurite.clients();
  store = blobResultStore(blobs, "edit-results");
  container = blobs.getContainerClient("edit-results");
});

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, second, 500));

async function textOf(name: string): Promise<string> {
  return (await container.getBlobClient(name).downloadToBuffer()).toString();
}
const resultIn = async (name: string): Promise<unknown> => JSON.parse(await textOf(name));

describe("a result", () => {
  it("is a JSON file that a person can read", async () => {
    await store.publish("folder/hat.json", at(1), { status: "succeeded", images: [{ index: 0 }] });
    expect(await textOf("folder/hat.json")).toBe(
      '{\n  "status": "succeeded",\n  "images": [\n    {\n      "index": 0\n    }\n  ]\n}\n',
    );
    const { contentType, metadata } = await container.getBlobClient("folder/hat.json").getProperties();
    expect(contentType).toBe("application/json");
    expect(metadata).toEqual({ version: "2026-11-21T12:00:01.500Z" });
  });

  it("is ASCII alone, and keeps every character of a long prompt", async () => {
    const result = { prompt: "zwei Schirme – ☂️ 🧥 \u0080\uffff\ud800 ".repeat(6_000) };
    await store.publish("prompt.json", at(1), result);
    expect(await textOf("prompt.json")).toMatch(/^[\n -~]+$/);
    expect(await resultIn("prompt.json")).toEqual(result);
  });

  it("gives way to one of the same or a later version, never to one of an earlier", async () => {
    await store.publish("order.json", at(5), { from: "first" });
    await store.publish("order.json", at(4), { from: "earlier" });
    expect(await resultIn("order.json")).toEqual({ from: "first" });
    await store.publish("order.json", at(5), { from: "same" });
    expect(await resultIn("order.json")).toEqual({ from: "same" });
    await store.publish("order.json", at(6), { from: "later" });
    expect(await resultIn("order.json")).toEqual({ from: "later" });
  });

  it("replaces a file that tells no version", async () => {
    await container.getBlockBlobClient("foreign.json").upload("{}", 2);
    await store.publish("foreign.json", at(1), { from: "us" });
    expect(await resultIn("foreign.json")).toEqual({ from: "us" });
  });

  it.each([
    ["the first", undefined],
    ["a later one", 1],
  ])(
    "that is being published as %s yields to a newer one that comes in between",
    async (_, earlierVersion) => {
      const name = `between/${earlierVersion ?? 0}.json`;
      if (earlierVersion !== undefined)
        await store.publish(name, at(earlierVersion), { second: earlierVersion });
      const tap = await tapBlobs(azurite.connectionString(), async (request) => {
        if (request.startsWith("PUT") && request.includes(name))
          await store.publish(name, at(3), { second: 3 });
      });
      const slow = blobResultStore(
        BlobServiceClient.fromConnectionString(tap.connectionString),
        "edit-results",
      );
      await slow.publish(name, at(2), { second: 2 });
      expect(await resultIn(name)).toEqual({ second: 3 });
      await store.publish(name, at(4), { second: 4 });
      expect(await resultIn(name)).toEqual({ second: 4 });
    },
  );

  it("of the newest version stands, in whatever order several are published at once", async () => {
    const orders = [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
      [3, 1, 4, 2],
    ];
    for (let round = 0; round < 8; round += 1) {
      for (const [index, order] of orders.entries()) {
        const name = `race/${round}-${index}.json`;
        await Promise.all(order.map((second) => store.publish(name, at(second), { second })));
        expect(await resultIn(name)).toEqual({ second: 4 });
      }
    }
  });
});
