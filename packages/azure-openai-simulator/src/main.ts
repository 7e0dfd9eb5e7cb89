import { parseArgs } from "node:util";
import { z } from "zod";
import { modelNames } from "./models.ts";
import { defaultSettings, type SettingsChange } from "./settings.ts";
import { startSimulator, type SimulatorOptions } from "./simulator.ts";

const flags = {
  port: { type: "string" },
  "api-key": { type: "string" },
  "latency-scale": { type: "string" },
  latency: { type: "string", multiple: true },
  deployment: { type: "string", multiple: true },
  "url-life": { type: "string" },
  "result-shape": { type: "string" },
  entra: { type: "boolean" },
  help: { type: "boolean" },
} as const;

const usage = `npm run simulator -- [options]

  --port N                  port to listen at (default: a free one)
  --api-key KEY             the key that callers must send (default: one that it prints)
  --deployment NAME=MODEL   a deployment; may be given many times
  --latency MODEL=MS        how long a model takes; may be given many times
  --latency-scale X         times all of these
  --url-life SECONDS        how long a picture's address works
  --result-shape A|B        how DALL-E 2's operations tell their result
  --entra                   takes tokens of Microsoft Entra ID too`;

/** `--deployment name=model` and `--latency model=milliseconds` may be given many times. */
function pairs(given: readonly string[] = []): [string, string][] {
  return given.map((pair) => {
    const at = pair.lastIndexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/** `--api-key` is also `SIMULATOR_API_KEY`, and so on. */
function readOptions(): SimulatorOptions {
  const { values } = parseArgs({ options: flags });
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  const text = (name: "port" | "api-key" | "latency-scale" | "url-life" | "result-shape") =>
    values[name] ?? process.env[`SIMULATOR_${name.replaceAll("-", "_").toUpperCase()}`];
  const apiKey = text("api-key");
  const scale = text("latency-scale");
  const life = text("url-life");
  const shape = text("result-shape");
  const model = z.enum(modelNames);
  const settings: SettingsChange = {
    latency_ms: Object.fromEntries(
      pairs(values.latency).map(([name, time]) => [model.parse(name), Number(time)]),
    ),
    deployments: {
      ...defaultSettings.deployments,
      ...Object.fromEntries(pairs(values.deployment).map(([name, kind]) => [name, model.parse(kind)])),
    },
    ...(scale === undefined ? {} : { latency_scale: Number(scale) }),
    ...(life === undefined ? {} : { url_life_seconds: Number(life) }),
    ...(shape === undefined ? {} : { result_shape: z.enum(["A", "B"]).parse(shape) }),
    ...(values.entra === true ? { entra: true } : {}),
  };
  return { port: Number(text("port") ?? 0), settings, ...(apiKey === undefined ? {} : { apiKey }) };
}

function readOptionsOrEnd(): SimulatorOptions {
  try {
    return readOptions();
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    console.error(`${why}\n\n${usage}`);
    process.exit(2);
  }
}

const simulator = await startSimulator(readOptionsOrEnd());
const stop = (): void => {
  void simulator.close().then(() => process.exit(0));
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

if (process.send === undefined) {
  console.log(JSON.stringify({ url: simulator.url, apiKey: simulator.apiKey }));
} else {
  // A parent that is gone must not leave a simulator behind.
  process.on("disconnect", stop);
  process.send({ ready: true, url: simulator.url, apiKey: simulator.apiKey });
}
