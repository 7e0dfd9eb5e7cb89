import { parseArgs } from "node:util";
import { startDelayMs } from "../host.ts";
import { gatherLines } from "../log.ts";
import { runProcess } from "../process.ts";
import { startHub } from "./hub.ts";

const usage = "node packages/functions-host/src/hub/main.ts --app DIR --data DIR";

runProcess(async () => {
  const { values } = parseArgs({ options: { app: { type: "string" }, data: { type: "string" } } });
  if (values.app === undefined || values.data === undefined) {
    throw Object.assign(new Error(`Usage: ${usage}`), { name: "ConfigurationError" });
  }
  const hub = await startHub({
    appDirectory: values.app,
    dataDirectory: values.data,
    environment: process.env,
    startDelay: startDelayMs,
    write: gatherLines((text) => void process.stdout.write(text)),
  });
  return { ready: {}, drain: (grace) => hub.drain(grace) };
});
