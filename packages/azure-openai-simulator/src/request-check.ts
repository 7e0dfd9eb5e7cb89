import type { Model } from "./models.ts";
import { parameterRules } from "./parameter-rules.ts";
import { invalidRequest } from "./service-error.ts";
import { isRecord, type Call, type Dialect } from "./wire.ts";

/** A request the service would run, with its defaults filled in. */
export interface GenerationRequest {
  readonly prompt: string;
  readonly n: number;
  /** As the reply echoes it: never `auto`. */
  readonly size: string;
  readonly width: number;
  readonly height: number;
  readonly quality: string;
  readonly responseFormat: "url" | "b64_json";
  readonly outputFormat: "png" | "jpeg" | "webp";
  readonly compression: number | undefined;
  readonly transparent: boolean;
  readonly asIs: boolean;
  /** How many pictures are shown before the last one; absent when the answer is no stream. */
  readonly partialImages: number | undefined;
  /** What the pictures of an edit count for. */
  readonly imageTokens?: number;
}

type Body = Readonly<Record<string, unknown>>;

/** Throws the service's 400 on the first thing wrong, in the order the service looks. */
export function checkRequest(call: Call, model: Model): GenerationRequest {
  if (!isRecord(call.json)) throw brokenBody();
  const allowed = allowedParameters(call.dialect, model);
  return checkParameters(withoutNulls(call.json), { model, dialect: call.dialect, allowed });
}

interface Terms {
  readonly model: Model;
  readonly dialect: Dialect;
  readonly allowed: readonly string[];
}

export function checkParameters(body: Body, { model, dialect, allowed }: Terms): GenerationRequest {
  refuseUnknown(body, allowed);
  if (body.prompt === undefined) {
    throw invalidRequest("missing_required_parameter", "Missing required parameter: 'prompt'.", "prompt");
  }
  for (const [name, value] of Object.entries(body)) {
    parameterRules[name]?.(value, { model, dialect });
  }
  refuseClashes(body);
  return fillIn(body, model, dialect);
}

function brokenBody(): Error {
  const message =
    "We could not parse the JSON body of your request. The API expects a JSON payload, but what was sent was not valid JSON.";
  return invalidRequest(null, message, null);
}

/** [O1] optional parameters are nullable: null means absent. */
function withoutNulls(body: Body): Body {
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => value !== null || name === "prompt"),
  );
}

function allowedParameters(dialect: Dialect, model: Model): readonly string[] {
  // [S0,A8] the asynchronous API takes these and names no model.
  return dialect === "legacy" ? ["prompt", "size", "n", "user"] : model.parameters;
}

function refuseUnknown(body: Body, allowed: readonly string[]): void {
  const unknown = Object.keys(body).find((name) => !allowed.includes(name));
  if (unknown !== undefined) {
    throw invalidRequest("unknown_parameter", `Unknown parameter: '${unknown}'.`, unknown);
  }
}

function refuseClashes(body: Body): void {
  if (body.background === "transparent" && body.output_format === "jpeg") {
    const message = "Transparent background is not supported for JPEG output format.";
    throw invalidRequest("invalid_value", message, "background");
  }
  // No event says which picture it is of [O1], so more than one can't be told apart.
  if (body.stream === true && typeof body.n === "number" && body.n > 1) {
    throw invalidRequest("invalid_value", "You must provide n=1 when 'stream' is true.", "n");
  }
}

function fillIn(body: Body, model: Model, dialect: Dialect): GenerationRequest {
  const asked = textOf(body.size) ?? model.defaultSize;
  const size = asked === "auto" ? "1024x1024" : asked;
  const [width = 0, height = 0] = size.split("x").map(Number);
  const quality = textOf(body.quality) ?? model.defaultQuality[dialect === "openai" ? "openai" : "azure"];
  const prompt = textOf(body.prompt) ?? "";
  return {
    prompt,
    n: typeof body.n === "number" ? body.n : 1,
    size,
    width,
    height,
    quality: quality === "auto" ? "medium" : quality,
    // [S3] gpt-image always answers with base64.
    responseFormat: model.family === "gpt-image" || body.response_format === "b64_json" ? "b64_json" : "url",
    outputFormat: body.output_format === "jpeg" || body.output_format === "webp" ? body.output_format : "png",
    compression: typeof body.output_compression === "number" ? body.output_compression : undefined,
    transparent: body.background === "transparent",
    asIs: /\bAS-IS\b/.test(prompt),
    // [O1] none by default: a stream of one event.
    partialImages: body.stream === true ? Number(body.partial_images ?? 0) : undefined,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
