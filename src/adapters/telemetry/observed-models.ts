import type { ImageModel, ImageModels } from "../../ports/image-model.ts";
import type { CallRecord } from "../../ports/records.ts";
import { attribute } from "./names.ts";
import type { Attributes, Telemetry } from "./telemetry.ts";

interface Reply {
  kind: string;
  usage?: CallRecord["usage"];
}

interface Request {
  operation: keyof ImageModel;
  /** The model and its deployment. */
  place: Attributes;
  /** How many are asked for. */
  images?: number;
}

/** Deployments whose every request is a span, with its latency and what came of it. */
export function observedModels(
  models: ImageModels,
  { telemetry, modelOf }: { telemetry: Telemetry; modelOf: (deployment: string) => string | undefined },
): ImageModels {
  return {
    at(deployment) {
      const model = models.at(deployment);
      const place = { [attribute.model]: modelOf(deployment), [attribute.deployment]: deployment };
      const asked = <R extends Reply>(request: Omit<Request, "place">, ask: () => Promise<R>) =>
        observe(telemetry, { ...request, place }, ask);
      return {
        render: (...call) => asked({ operation: "render", images: call[1] }, () => model.render(...call)),
        edit: (...call) => asked({ operation: "edit", images: call[2] }, () => model.edit(...call)),
        submit: (...call) => asked({ operation: "submit", images: call[1] }, () => model.submit(...call)),
        poll: (...call) => asked({ operation: "poll" }, () => model.poll(...call)),
        discard: (...call) => asked({ operation: "discard" }, () => model.discard(...call)),
        fetchImage: (...call) => asked({ operation: "fetchImage" }, () => model.fetchImage(...call)),
      };
    },
  };
}

async function observe<R extends Reply>(
  telemetry: Telemetry,
  { operation, place, images }: Request,
  ask: () => Promise<R>,
): Promise<R> {
  const started = performance.now();
  const request = { ...place, [attribute.operation]: operation };
  const count = (outcome: string) => {
    const attributes = { ...request, [attribute.outcome]: outcome };
    telemetry.add("darkroom.upstream.calls", 1, attributes);
    telemetry.record("darkroom.upstream.duration", (performance.now() - started) / 1_000, attributes);
    if (outcome === "throttled") telemetry.add("darkroom.upstream.throttled", 1, request);
  };
  const attributes = { ...request, [attribute.images]: images };
  return telemetry.span({ name: `upstream ${operation}`, kind: "client", attributes }, async (span) => {
    try {
      const reply = await ask();
      span.set({ [attribute.outcome]: reply.kind });
      count(reply.kind);
      countTokens(telemetry, place, reply);
      return reply;
    } catch (error) {
      span.set({ [attribute.outcome]: "error" });
      count("error");
      throw error;
    }
  });
}

function countTokens(telemetry: Telemetry, place: Attributes, { usage }: Reply): void {
  if (!usage) return;
  telemetry.add("darkroom.tokens", usage.input_tokens, { ...place, [attribute.direction]: "input" });
  telemetry.add("darkroom.tokens", usage.output_tokens, { ...place, [attribute.direction]: "output" });
}
