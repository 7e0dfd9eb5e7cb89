import { invalidRequest } from "../service-error.ts";
import type { Call } from "../wire.ts";
import { isFile, isImage, type Form, type Part } from "./form.ts";

/** Text fields by name, and the files beside them. */
export interface SortedForm {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly images: readonly Part[];
  readonly mask: Part | undefined;
}

const most = 16;

/** A form the service can read: every part where it belongs, and each name once. */
export function sortForm({ form, headers }: Call, allowed: readonly string[]): SortedForm {
  if (form === undefined || form.flaw !== undefined) throw flawed(form, headers["content-type"]);
  const images = form.parts.filter(isImage);
  const others = form.parts.filter((part) => !isImage(part));
  refuseUnknown(others, allowed);
  refuseDuplicates(others);
  if (images.length === 0) throw missing("image");
  const text = images.find((part) => !isFile(part));
  if (text !== undefined) throw wrongKind("image", "one of an array of files or file", "a string");
  if (images.length > most) throw tooMany(images.length);
  const mask = others.find(({ name }) => name === "mask");
  if (mask !== undefined && !isFile(mask)) throw wrongKind("mask", "a file", "a string");
  const fields = others.filter((part) => part !== mask);
  const file = fields.find(isFile);
  if (file !== undefined) throw wrongKind(file.name, "a string", "a file");
  return {
    images,
    mask,
    fields: Object.fromEntries(fields.map(({ name, bytes }) => [name, valueOf(name, bytes)])),
  };
}

function flawed(form: Form | undefined, contentType = ""): Error {
  if (form?.flaw === "no-boundary") {
    return invalidRequest(
      null,
      "Could not parse multipart form: no boundary in the Content-Type header.",
      null,
    );
  }
  if (form?.flaw === "malformed") {
    return invalidRequest(null, "Could not parse multipart form: the body is malformed or ends early.", null);
  }
  const [type = ""] = contentType.split(";");
  return invalidRequest(
    "unsupported_content_type",
    `Unsupported content type: '${type}'. This API method only accepts 'multipart/form-data' requests, but you specified the header 'Content-Type: ${contentType}'. Please try again with a supported content type.`,
    null,
  );
}

function refuseUnknown(parts: readonly Part[], allowed: readonly string[]): void {
  const unknown = parts.find(({ name }) => name !== "mask" && !allowed.includes(name))?.name;
  if (unknown !== undefined) {
    throw invalidRequest("unknown_parameter", `Unknown parameter: '${unknown}'.`, unknown);
  }
}

function refuseDuplicates(parts: readonly Part[]): void {
  const names = parts.map(({ name }) => name);
  const duplicated = names.find((name, at) => names.indexOf(name) !== at);
  if (duplicated !== undefined) {
    const message = `Duplicate parameter: '${duplicated}'. You provided multiple values for this parameter, whereas only one is allowed.`;
    throw invalidRequest("duplicate_parameter", message, duplicated);
  }
}

function missing(name: string): Error {
  return invalidRequest("missing_required_parameter", `Missing required parameter: '${name}'.`, name);
}

function wrongKind(name: string, expected: string, got: string): Error {
  const message = `Invalid type for '${name}': expected ${expected}, but got ${got} instead.`;
  return invalidRequest("invalid_type", message, name);
}

function tooMany(count: number): Error {
  const message = `Invalid 'image': array too long. Expected an array with maximum length ${most}, but got an array with length ${count} instead.`;
  return invalidRequest("array_above_max_length", message, "image");
}

const numbers = ["n", "output_compression", "partial_images"];

/** A form knows only text: numbers and truths are read from it, and what is neither stays text and is refused as such. */
function valueOf(name: string, bytes: Buffer): unknown {
  const text = bytes.toString("utf8");
  if (numbers.includes(name) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (name === "stream" && (text === "true" || text === "false")) return text === "true";
  return text;
}
