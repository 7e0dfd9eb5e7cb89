import { textField } from "./edits/form.ts";
import type { CallText } from "./faults/fault-book.ts";
import type { Settings } from "./settings.ts";
import type { Simulation } from "./simulation.ts";
import { field, type Call } from "./wire.ts";

type Identity = Omit<CallText, "route">;

/** Who and what a call is about, as far as it can be told before anything is checked. */
export function promptTextOf(call: Call, simulation: Simulation): CallText {
  return { route: call.route, ...identify(call, simulation) };
}

function identify(call: Call, { operations, pictures, settings }: Simulation): Identity {
  const prompt = textOf(field(call.json, "prompt"));
  switch (call.route) {
    case "generate": {
      if (call.dialect === "openai") {
        const model = textOf(field(call.json, "model")) ?? defaultModel(call.json);
        return { model, deployment: model, prompt };
      }
      return deployed(call.captured[0] ?? textOf(field(call.json, "model")), prompt, settings);
    }
    case "edit": {
      const named = textField(call.form, "model");
      const asked = textField(call.form, "prompt");
      if (call.dialect === "azure") return deployed(call.captured[0] ?? named, asked, settings);
      // [O1] the default for edits.
      const model = named ?? "gpt-image-1.5";
      return { model, deployment: model, prompt: asked };
    }
    case "submit":
      return { model: "dall-e-2", deployment: undefined, prompt };
    case "poll":
    case "delete": {
      const operation = operations.find(call.captured[0]);
      return { model: "dall-e-2", deployment: undefined, prompt: operation?.request.prompt };
    }
    case "image": {
      const origin = pictures.find(call.path)?.origin;
      return { model: origin?.model, deployment: origin?.deployment, prompt: origin?.prompt };
    }
  }
}

function deployed(deployment: string | undefined, prompt: string | undefined, settings: Settings): Identity {
  const known = Object.hasOwn(settings.deployments, deployment ?? "");
  return { model: known ? settings.deployments[deployment ?? ""] : undefined, deployment, prompt };
}

const gptImageParameters = [
  "background",
  "moderation",
  "output_format",
  "output_compression",
  "partial_images",
  "stream",
];

/** [O1] DALL-E 2 unless a parameter appears that only gpt-image has. */
function defaultModel(json: unknown): string {
  return gptImageParameters.some((name) => field(json, name) !== undefined) ? "gpt-image-1" : "dall-e-2";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
