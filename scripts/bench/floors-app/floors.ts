import { TableClient } from "@azure/data-tables";
import { app, type FunctionInput, type HttpHandler, type HttpMethod } from "@azure/functions";
import * as durable from "durable-functions";
import { randomUUID } from "node:crypto";

/**
 * What accepting a job can't do without, each by itself: an HTTP call that does nothing, one row written, one
 * orchestration started. The last two are timed in here, so that the HTTP call isn't counted with them.
 */
const durableClient = durable.input.durableClient();
const table = TableClient.fromConnectionString(process.env["FLOORS_STORAGE"] ?? "", "floors", {
  allowInsecureConnection: true,
});
const tableMade = table.createTable();

// As large as the row of an ordinary job.
const jobRow = {
  partitionKey: "floors",
  caller: "bench",
  status: "queued",
  open: true,
  model: "dall-e-3",
  createdAt: new Date().toISOString(),
  prompt: "A lighthouse",
  rest: JSON.stringify({ filler: "x".repeat(250) }),
};

app.setup({ enableHttpStream: true });
handle("POST", "bare", () => ({ status: 202 }));
handle("GET", "insert", async () => {
  await tableMade;
  return timed(() => table.createEntity({ ...jobRow, rowKey: randomUUID() }));
});
handle(
  "GET",
  "start",
  async (_request, context) => {
    const client = durable.getClient(context);
    const options = { instanceId: randomUUID(), input: { jobId: randomUUID(), n: 1 } };
    return timed(() => client.startNew("nothing", options));
  },
  [durableClient],
);
// It waits for an event that never comes, so that nothing but its start is timed.
durable.app.orchestration("nothing", function* (context) {
  yield context.df.waitForExternalEvent("never");
});

function handle(
  method: HttpMethod,
  name: string,
  handler: HttpHandler,
  extraInputs: FunctionInput[] = [],
): void {
  app.http(name, { methods: [method], route: name, authLevel: "anonymous", extraInputs, handler });
}

async function timed(work: () => Promise<unknown>) {
  const started = performance.now();
  await work();
  return { jsonBody: performance.now() - started };
}
