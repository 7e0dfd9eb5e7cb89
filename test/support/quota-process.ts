import { ask } from "../../src/domain/quota/ask.ts";
import { tableQuotaPools } from "../../src/adapters/storage/quota-pool-store.ts";
import { storageClients } from "../../src/adapters/storage/storage-clients.ts";
import { asking, line, start } from "./quota.ts";

/** An instance of its own: asks for permits, all at once, and says which attempts were granted. */
const [connectionString = "", pool = "", name = "", count = ""] = process.argv.slice(2);
const { tables } = storageClients({ connectionString }, () => {
  throw new Error("No identity is needed for the emulator.");
});
const store = tableQuotaPools(tables);
const limits = { requests: { count: 10, windowMs: 60_000 } };
const decisions = await Promise.all(
  Array.from({ length: Number(count) }, (_, index) =>
    store.change(pool, (state) => ask(state, limits, asking(line(`${name}-${index}`)), start)),
  ),
);
const attempts = decisions.flatMap((decision) =>
  decision.kind === "granted" ? [decision.permit.attempt] : [],
);
process.send?.(attempts, () => process.disconnect());
