import type { HttpRequest } from "@azure/functions";
import { AppError, invalidRequest } from "../domain/app-error.ts";
import { ArrivingBody } from "./arriving-body.ts";
import { partsOf } from "./multipart-parts.ts";
import { boundaryOf, labelOf, type PartLabel, shorten, textOf } from "./part-label.ts";

const maxParts = 64;
const maxTextBytes = 256 * 1024;

export interface FormFile {
  /** As written by the client: "image", "image[]", "mask" … */
  field: string;
  role: "image" | "mask";
  /** Position among the images, in order of arrival; 0 for the mask. */
  index: number;
  bytes: AsyncIterable<Uint8Array>;
}

export interface FormLimits {
  images: number;
  bodyBytes: number;
}

export interface Form<T> {
  fields: Record<string, string>;
  images: T[];
  mask?: T;
}

export function isMultipart(request: HttpRequest): boolean {
  return /^multipart\/form-data\s*(;|$)/i.test(request.headers.get("content-type") ?? "");
}

/**
 * Calls `receive` for each file as it arrives, one after the other, and returns the text fields and what `receive`
 * returned, in order. Throws `unsupportedMedia`, `tooLarge`, or `invalidRequest` naming the part.
 *
 * When something is refused, by `receive` or here, the rest of the body is read and dropped, up to the limit: a client
 * that is still sending reads no answer.
 */
export async function readMultipart<T>(
  request: HttpRequest,
  limits: FormLimits,
  receive: (file: FormFile) => Promise<T>,
): Promise<Form<T>> {
  if (!isMultipart(request))
    throw new AppError("unsupportedMedia", "Send the body as application/json or multipart/form-data.");
  const boundary = boundaryOf(request.headers.get("content-type") ?? "");
  const body = new ArrivingBody(request, limits.bodyBytes);
  try {
    return await collect(body, boundary, limits, receive);
  } catch (error) {
    const reason = body.failure ?? error;
    await body.drop().catch(() => undefined);
    throw reason;
  }
}

async function collect<T>(
  body: ArrivingBody,
  boundary: string,
  limits: FormLimits,
  receive: (file: FormFile) => Promise<T>,
): Promise<Form<T>> {
  const fields = new Map<string, string>();
  const received = { image: [] as T[], mask: [] as T[] };
  const most = { image: limits.images, mask: 1 };
  let parts = 0;
  for await (const { headers, bytes } of partsOf(body, boundary)) {
    if (++parts > maxParts) throw refused("body", `The body may have at most ${maxParts} parts.`);
    const label = labelOf(headers);
    const { name: field } = label;
    const content = label.fileName === "empty" ? await unlessEmpty(bytes) : bytes;
    if (content === undefined) continue;
    const role = roleOf(label);
    if (role === "text") {
      if (fields.has(field)) throw refused(field, `${shorten(field)} is given twice.`);
      fields.set(field, await readText(field, content));
      continue;
    }
    const files = received[role];
    if (files.length === most[role]) throw refused(role, `${role} may be given at most ${most[role]} times.`);
    files.push(await receive({ field, role, index: files.length, bytes: content }));
  }
  if (parts === 0) throw refused("body", "The body has no parts.");
  const [mask] = received.mask;
  return {
    // Entries become properties of its own, whatever their names.
    fields: Object.fromEntries(fields),
    images: received.image,
    ...(mask !== undefined && { mask }),
  };
}

/**
 * A file field that nobody filled is sent with an empty file name and no bytes (HTML, "constructing the entry list"): it
 * counts as absent. With a byte in it, it is a file.
 */
async function unlessEmpty(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array> | undefined> {
  const source = bytes[Symbol.asyncIterator]();
  let first = await source.next();
  while (first.done !== true && first.value.byteLength === 0) first = await source.next();
  if (first.done === true) return undefined;
  const { value } = first;
  return (async function* () {
    yield value;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  })();
}

/** By its name alone: clients send files without file name or type, and some send every part with both. */
function roleOf({ name, fileName }: PartLabel): FormFile["role"] | "text" {
  if (/^image(\[\d*\])?$/.test(name)) return "image";
  if (name === "mask") return "mask";
  if (fileName === "absent") return "text";
  throw refused(name, `${shorten(name)} may not be a file. Files are: image, image[], mask.`);
}

async function readText(field: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > maxTextBytes) {
      const message = `${shorten(field)} may have at most ${maxTextBytes} bytes.`;
      throw new AppError("tooLarge", message, { violations: [{ param: shorten(field), message }] });
    }
    chunks.push(chunk);
  }
  const text = textOf(Buffer.concat(chunks, size));
  if (text === undefined) throw refused(field, `${shorten(field)} is not valid UTF-8.`);
  return text;
}

function refused(field: string, message: string): AppError {
  return invalidRequest([{ param: shorten(field), message }]);
}
