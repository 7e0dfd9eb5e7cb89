import type { Model } from "./models.ts";
import { invalidRequest, ServiceError } from "./service-error.ts";
import type { Dialect } from "./wire.ts";

interface Asked {
  readonly model: Model;
  readonly dialect: Dialect;
}

type Rule = (value: unknown, asked: Asked) => void;

/** One rule per parameter the service knows; each throws the service's 400. */
export const parameterRules: Readonly<Record<string, Rule>> = {
  prompt: (value, { model }) => {
    const prompt = text("prompt", value);
    if (prompt.length === 0) {
      throw invalidRequest(
        "string_below_min_length",
        "Invalid 'prompt': empty string. Expected a string with minimum length 1, but got an empty string instead.",
        "prompt",
      );
    }
    // Characters as a person counts them, not UTF-16 halves.
    const length = Array.from(prompt).length;
    const most = model.maximumPromptLength;
    if (length > most) {
      throw invalidRequest(
        "string_above_max_length",
        `Invalid 'prompt': string too long. Expected a string with maximum length ${most}, but got a string with length ${length} instead.`,
        "prompt",
      );
    }
  },
  model: (value) => text("model", value),
  user: (value) => text("user", value),
  n: (value, { model }) => {
    whole("n", value, 1, 10);
    if (model.maximumImages === 1 && value !== 1) {
      throw invalidRequest("invalid_value", "You must provide n=1 for this model.", "n");
    }
  },
  size: (value, { model }) => {
    const [width, height] = /^(\d+)x(\d+)$/.exec(text("size", value))?.slice(1).map(Number) ?? [];
    if (width !== undefined && height !== undefined && model.allowsSize?.(width, height) === true) return;
    oneOf("size", value, model.sizes);
  },
  quality: (value, { model }) => oneOf("quality", value, model.qualities),
  style: (value) => oneOf("style", value, ["vivid", "natural"]),
  response_format: (value) => oneOf("response_format", value, ["url", "b64_json"]),
  background: (value) => oneOf("background", value, ["transparent", "opaque", "auto"]),
  moderation: (value) => oneOf("moderation", value, ["low", "auto"]),
  // [S3,A1] WEBP is not supported on Azure; OpenAI draws it [O1].
  output_format: (value, { dialect }) =>
    oneOf("output_format", value, dialect === "openai" ? ["png", "jpeg", "webp"] : ["png", "jpeg"]),
  output_compression: (value) => whole("output_compression", value, 0, 100),
  input_fidelity: (value, { model }) => {
    if (!model.fidelity) throw noFidelity(model);
    oneOf("input_fidelity", value, ["high", "low"]);
  },
  partial_images: (value) => whole("partial_images", value, 0, 3),
  stream: (value) => {
    if (typeof value !== "boolean") throw wrongType("stream", "a boolean", value);
  },
};

function noFidelity({ name }: Model): Error {
  const message = `The model '${name}' does not support the 'input_fidelity' parameter.`;
  const detail = { param: "input_fidelity", type: "image_generation_user_error" };
  return new ServiceError(400, "invalid_input_fidelity_model", message, detail);
}

function text(name: string, value: unknown): string {
  if (typeof value !== "string") throw wrongType(name, "a string", value);
  return value;
}

function whole(name: string, value: unknown, least: number, most: number): void {
  if (typeof value !== "number" || !Number.isInteger(value)) throw wrongType(name, "an integer", value);
  if (value < least) {
    throw invalidRequest(
      "integer_below_min_value",
      `Invalid '${name}': integer below minimum value. Expected a value >= ${least}, but got ${value} instead.`,
      name,
    );
  }
  if (value > most) {
    throw invalidRequest(
      "integer_above_max_value",
      `Invalid '${name}': integer above maximum value. Expected a value <= ${most}, but got ${value} instead.`,
      name,
    );
  }
}

function oneOf(name: string, value: unknown, allowed: readonly string[]): void {
  const given = text(name, value);
  if (allowed.includes(given)) return;
  const listed = allowed.map((one) => `'${one}'`).join(", ");
  throw invalidRequest("invalid_value", `Invalid value: '${given}'. Supported values are: ${listed}.`, name);
}

function wrongType(name: string, expected: string, value: unknown): Error {
  const got = value === null ? "null" : Array.isArray(value) ? "an array" : describeType(value);
  return invalidRequest(
    "invalid_type",
    `Invalid type for '${name}': expected ${expected}, but got ${got} instead.`,
    name,
  );
}

function describeType(value: unknown): string {
  const kind = typeof value;
  if (kind === "number") return Number.isInteger(value) ? "an integer" : "a decimal number";
  return kind === "object" ? "an object" : `a ${kind}`;
}
