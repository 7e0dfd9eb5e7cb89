import type { ImageModel, ImageModels, UpstreamReply } from "../ports.ts";
import { around } from "./around.ts";
import { attribute } from "./names.ts";
import type { Attributes, Telemetry } from "./telemetry.ts";

type Operation = "render" | "edit" | "submit" | "poll" | "discard";
type Reply = { kind: string } & Partial<Pick<Extract<UpstreamReply, { kind: "images" }>, "usage">>;

/** Deployments whose every request is a span, with its latency and what came of it. */
export function observedModels(
  models: ImageModels,
  { telemetry, modelOf }: { telemetry: Telemetry; modelOf: (deployment: string) => string | undefined },
): ImageModels {
  return {
    at(deployment) {
      const model = models.at(deployment);
      const place = { [attribute.model]: modelOf(deployment), [attribute.deployment]: deployment };
      const asked = <R extends Reply>(
        operation: Operation,
        images: number | undefined,
        ask: () => Promise<R>,
      ) => observe(telemetry, { ...place, [attribute.operation]: operation }, images, ask);
      return around<ImageModel>(model, {
        render: (...call) => asked("render", call[1], () => model.render(...call)),
        edit: (...call) => asked("edit", call[2], () => model.edit(...call)),
        submit: (...call) => asked("submit", call[1], () => model.submit(...call)),
        poll: (...call) => asked("poll", call[2].length, () => model.poll(...call)),
        discard: (...call) => asked("discard", undefined, () => model.discard(...call)),
      });
    },
  };
}

async function observe<R extends Reply>(
  telemetry: Telemetry,
  request: Attributes,
  images: number | undefined,
  ask: () => Promise<R>,
): Promise<R> {
  const started = performance.now();
  const told = (outcome: string) => {
    const attributes = { ...request, [attribute.outcome]: outcome };
    telemetry.add("darkroom.upstream.calls", 1, attributes);
    telemetry.record("darkroom.upstream.duration", (performance.now() - started) / 1_000, attributes);
    if (outcome === "throttled") telemetry.add("darkroom.upstream.throttled", 1, request);
  };
  const name = `upstream ${String(request[attribute.operation])}`;
  const attributes = { ...request, [attribute.images]: images };
  return telemetry.span({ name, kind: "client", attributes }, async (span) => {
    try {
      const reply = await ask();
      span.set({ [attribute.outcome]: reply.kind });
      told(reply.kind);
      countTokens(telemetry, request, reply);
      return reply;
    } catch (error) {
      span.set({ [attribute.outcome]: "error" });
      told("error");
      throw error;
    }
  });
}

function countTokens(telemetry: Telemetry, request: Attributes, { usage }: Reply): void {
  if (!usage) return;
  const place = {
    [attribute.model]: request[attribute.model],
    [attribute.deployment]: request[attribute.deployment],
  };
  telemetry.add("darkroom.tokens", usage.input_tokens, { ...place, [attribute.direction]: "input" });
  telemetry.add("darkroom.tokens", usage.output_tokens, { ...place, [attribute.direction]: "output" });
}
