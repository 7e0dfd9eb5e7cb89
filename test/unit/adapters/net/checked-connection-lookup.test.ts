import dns from "node:dns/promises";
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { checkedConnector } from "../../../../src/adapters/net/checked-connection.ts";

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

it("a name is looked up once, for all its addresses, and its IPv4 addresses come first", async () => {
  const answers = [
    { address: "93.184.215.14", family: 4 },
    { address: "::1", family: 6 },
  ];
  // Of the overloads, the one for all addresses is meant.
  const names = dns as unknown as { lookup: (host: string, options: object) => Promise<typeof answers> };
  const lookup = vi.spyOn(names, "lookup").mockResolvedValue(answers);
  syncBuiltinESMExports();
  const connector = checkedConnector({ allowlist: [], connect: (_target, done) => done(null, new Socket()) });
  const target = { protocol: "https:", host: "pictures.example", hostname: "pictures.example", port: "" };
  const error = await new Promise((resolve) => connector(target, (...[refusal]) => resolve(refusal)));
  expect(String(error)).toContain("isn't public");
  expect(lookup.mock.calls).toEqual([["pictures.example", { all: true, order: "ipv4first" }]]);
});
