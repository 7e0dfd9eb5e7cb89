import { parseArgs } from "node:util";
import { startHost } from "./host.ts";
import { gatherLines } from "./log.ts";
import { runProcess } from "./process.ts";

const usage =
  "node packages/functions-host/src/main.ts --app DIR --port N --data DIR [--host ADDRESS] [--enforce-keys] [--attach]";

runProcess(async () => {
  const { values } = parseArgs({
    options: {
      app: { type: "string" },
      port: { type: "string" },
      data: { type: "string" },
      host: { type: "string" },
      "enforce-keys": { type: "boolean", default: false },
      attach: { type: "boolean", default: false },
    },
  });
  const port = Number(values.port);
  if (values.app === undefined || values.data === undefined || !Number.isInteger(port)) {
    throw Object.assign(new Error(`Usage: ${usage}`), { name: "ConfigurationError" });
  }
  const host = await startHost({
    appDirectory: values.app,
    port,
    address: values.host,
    dataDirectory: values.data,
    enforceKeys: values["enforce-keys"],
    attach: values.attach,
    environment: process.env,
    write: gatherLines((text) => void process.stdout.write(text)),
  });
  return { ready: { url: host.url }, drain: (grace) => host.drain(grace) };
});
