import { invalidRequest } from "../domain/app-error.ts";
import type { PartHeaders } from "./multipart-parts.ts";

const maxHeaders = 32;
const maxHeaderBytes = 16 * 1024;
const maxBoundaryLength = 70;

/** What a part says of itself. That it has a file name, or an empty one, tells something; the name itself is never used. */
export interface PartLabel {
  name: string;
  fileName: "absent" | "empty" | "given";
}

/** Throws `invalidRequest` for headers that can be understood in two ways, or in none. */
export function labelOf(headers: PartHeaders): PartLabel {
  const sizes = Object.entries(headers).flatMap(([name, values = []]) =>
    values.map((value) => name.length + value.length),
  );
  if (sizes.length > maxHeaders || sizes.reduce((sum, size) => sum + size, 0) > maxHeaderBytes)
    throw refused(`The headers of a part may be at most ${maxHeaders}, with ${maxHeaderBytes} bytes.`);
  const [disposition = "", ...more] = headers["content-disposition"] ?? [];
  const parameters = /^form-data\s*(?=;|$)/i.test(disposition) && parametersOf(disposition);
  if (parameters === false || parameters === undefined || more.length > 0)
    throw refused("A part has no Content-Disposition of form-data that can be read.");
  const [name = "", ...names] = parameters
    .filter(([key]) => key === "name")
    .map(([, value]) => decode(value));
  if (names.length > 0) throw refused("A part has two names.");
  if (name === "") throw refused("A part has no name.");
  checkForm(name, headers);
  return { name, fileName: fileNameOf(parameters) };
}

function fileNameOf(parameters: readonly [key: string, value: string][]): PartLabel["fileName"] {
  const names = parameters.filter(([key]) => key === "filename" || key === "filename*");
  if (names.length === 0) return "absent";
  // The other spelling tells a character set and a language before the name (RFC 5987).
  return names.every(([, value]) => /^([\w-]*'[\w-]*')?$/.test(value)) ? "empty" : "given";
}

/** Throws `invalidRequest` where a request's content-type gives no boundary, two, or one that can't be. */
export function boundaryOf(contentType: string): string {
  const found = (parametersOf(contentType) ?? []).filter(([key]) => key === "boundary");
  const [boundary] = found;
  if (boundary === undefined || found.length > 1) {
    throw refused("The body has no boundary: the content-type must be multipart/form-data; boundary=….");
  }
  if (!/^[ -~]*[!-~]$/.test(boundary[1]) || boundary[1].length > maxBoundaryLength) {
    throw refused(`The body's boundary must be 1 to ${maxBoundaryLength} visible ASCII characters.`);
  }
  return boundary[1];
}

/** What browsers and scripts send is bytes as they are; everything else would end as a broken image, or in a prompt. */
function checkForm(name: string, headers: PartHeaders): void {
  const param = shorten(name);
  const type = headers["content-type"] ?? [];
  if (type.some((value) => /^multipart\//i.test(value)))
    throw refused(`${param} may not be multipart itself.`, param);
  const encoding = headers["content-transfer-encoding"] ?? [];
  if (!encoding.every((value) => /^(7bit|8bit|binary)$/i.test(value.trim())))
    throw refused(`${param} must be sent as it is, without a Content-Transfer-Encoding.`, param);
}

/** The parameters after the first semicolon, keys in lower case; nothing where the whole isn't of that form. */
function parametersOf(header: string): [key: string, value: string][] | undefined {
  const parameter = /\s*;\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))/y;
  const end = /\s*;?\s*$/y;
  const found: [string, string][] = [];
  let position = header.search(/\s*(;|$)/);
  for (;;) {
    end.lastIndex = position;
    if (end.test(header)) return found;
    parameter.lastIndex = position;
    const [whole, key, quoted, plain] = parameter.exec(header) ?? [];
    if (whole === undefined || key === undefined) return undefined;
    found.push([key.toLowerCase(), quoted?.replace(/\\(["\\])/g, "$1") ?? plain ?? ""]);
    position += whole.length;
  }
}

/** Headers come as one character for each byte; what they mean is UTF-8. */
function decode(bytes: string): string {
  const name = textOf(Buffer.from(bytes, "latin1"));
  if (name === undefined || /\p{Cc}/u.test(name)) throw refused("The name of a part is no text.");
  return name;
}

/** Text exactly as sent; nothing where it isn't UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const maxShownLength = 64;

/** A name as it is shown in a refusal, which stays short. */
export function shorten(name: string): string {
  return name.length > maxShownLength ? `${name.slice(0, maxShownLength)}…` : name;
}

function refused(message: string, param = "body"): Error {
  return invalidRequest([{ param, message }]);
}
