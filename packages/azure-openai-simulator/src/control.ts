import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { ruleSchema } from "./faults/fault.ts";
import { viewLedger } from "./ledger-view.ts";
import { modelNames } from "./models.ts";
import { routes } from "./routes.ts";
import { changeSettings, settingsChangeSchema } from "./settings.ts";
import type { Simulation } from "./simulation.ts";
import { jsonReply, type Reply } from "./wire.ts";

type Control = (simulation: Simulation, url: URL, body: () => unknown) => Reply;

const noContent: Reply = { status: 204, headers: {}, body: Buffer.alloc(0) };

/** What steers and observes a simulator. None of it exists in the real service. */
const controls: Readonly<Record<string, Control>> = {
  "GET /simulator": (simulation) => jsonReply(200, index(simulation)),
  "GET /simulator/settings": ({ settings }) => jsonReply(200, settings),
  "PUT /simulator/settings": (simulation, _url, body) => {
    simulation.settings = changeSettings(simulation.settings, settingsChangeSchema.parse(body()));
    return jsonReply(200, simulation.settings);
  },
  "GET /simulator/faults": ({ faults }) => jsonReply(200, faults.list()),
  "PUT /simulator/faults": ({ faults }, _url, body) => {
    faults.replace(rulesOf(body()));
    return jsonReply(200, faults.list());
  },
  "POST /simulator/faults": ({ faults }, _url, body) => {
    faults.append(rulesOf(body()));
    return jsonReply(200, faults.list());
  },
  "DELETE /simulator/faults": ({ faults }) => {
    faults.replace([]);
    return noContent;
  },
  "GET /simulator/ledger": ({ ledger }, { searchParams }) =>
    jsonReply(
      200,
      viewLedger(ledger.entries(), {
        model: searchParams.get("model"),
        deployment: searchParams.get("deployment"),
        promptIncludes: searchParams.get("prompt_includes"),
      }),
    ),
  "DELETE /simulator/ledger": ({ ledger }) => {
    ledger.reset();
    return noContent;
  },
};

export function isControl(path: string): boolean {
  return path === "/simulator" || path.startsWith("/simulator/");
}

export async function control(request: IncomingMessage, url: URL, simulation: Simulation): Promise<Reply> {
  const chosen = controls[`${request.method ?? ""} ${url.pathname}`];
  if (chosen === undefined) return jsonReply(404, { error: "The simulator has no such control." });
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return chosen(simulation, url, () => JSON.parse(Buffer.concat(chunks).toString()) as unknown);
  } catch (error) {
    if (error instanceof z.ZodError) return jsonReply(400, { error: z.prettifyError(error) });
    if (error instanceof SyntaxError) return jsonReply(400, { error: "The body is not JSON." });
    throw error;
  }
}

function rulesOf(body: unknown): z.infer<typeof ruleSchema>[] {
  return z.array(ruleSchema).parse(snakeCased(body));
}

/** `promptIncludes`, `retry-after` and `retry_after` are all understood. */
function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replaceAll("-", "_").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCased(inner),
    ]),
  );
}

function index({ settings, url }: Simulation): unknown {
  return {
    name: "Simulated Azure OpenAI image service",
    url,
    models: modelNames,
    deployments: settings.deployments,
    routes: routes.map(({ name, method, pattern }) => ({ name, method, pattern: pattern.source })),
    controls: Object.keys(controls),
  };
}
