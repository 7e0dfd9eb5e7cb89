import { partError } from "../domain/param-error.ts";

const pieceCharacters = 64 * 1024;

/**
 * The bytes of an image that stands in JSON, in pieces, as bytes arrive elsewhere. Base64 as clients write it: in either
 * alphabet, with or without padding, broken into lines (RFC 2045 decoders skip line ends), or whole as a data URL. Throws
 * `invalidRequest` for anything else. A check of the picture follows: what blanks have replaced is found there.
 */
export async function* decodeInline(text: string, param: string): AsyncGenerator<Uint8Array> {
  const start = startOfData(text, param);
  const isEscaped = start > 0 && text.includes("%", start);
  const refusal = () => partError(param, "invalidRequest", "is not valid base64");
  // Four characters are three bytes; what is left of a piece goes before the next one.
  let left = "";
  let padding = 0;
  let characters = 0;
  const data = isEscaped ? unescaped(text.slice(start)) : text;
  for (let at = isEscaped ? 0 : start; at < data.length; at += pieceCharacters) {
    const piece = data.slice(at, at + pieceCharacters).replace(/[\t\n\f\r ]+/g, "");
    const [, digits = "", pads = ""] = /^([A-Za-z0-9+/_-]*)(=*)$/.exec(piece) ?? [
      undefined,
      undefined,
      "===",
    ];
    padding += pads.length;
    if (padding > 2 || (padding > pads.length && digits !== "")) throw refusal();
    characters += digits.length;
    left += digits;
    const whole = left.length - (left.length % 4);
    if (whole > 0) yield await Promise.resolve(Buffer.from(left.slice(0, whole), "base64"));
    left = left.slice(whole);
  }
  if (characters % 4 === 1 || (padding > 0 && characters % 4 === 0)) throw refusal();
  if (left !== "") yield Buffer.from(left, "base64");
}

/** Where the base64 begins: behind the comma of a data URL, which may name a type and parameters (RFC 2397). */
function startOfData(text: string, param: string): number {
  const start = text.search(/\S/);
  if (!/^data:/i.test(text.slice(start, start + 5))) return 0;
  const comma = text.indexOf(",", start);
  const head = text.slice(start, comma);
  if (comma < 0 || head.length > 512 || !/;\s*base64\s*$/i.test(head))
    throw partError(param, "invalidRequest", "is a data URL that isn't in base64");
  return comma + 1;
}

/** Some encoders escape what has a meaning in addresses: + / = and line ends. */
function unescaped(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
