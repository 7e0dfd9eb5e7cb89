/** What the first characters of a string say that it is: text, base64 from `data` on, or nothing certain yet. */
export type StringStart = "unknown" | "text" | { data: string };

// A media type with all its parameters is shorter.
const maxPrefix = 256;

/**
 * Tells pictures from text by how a string begins. Gateways are known to send data URLs under `b64_json`, data URLs under
 * `url`, and links under `b64_json`.
 *
 * @param isBase64 whether the field is said to hold base64, so that a string without a prefix is a picture
 */
export function startOf(head: string, isBase64: boolean): StringStart {
  const text = head.trimStart();
  const scheme = text.slice(0, 6).toLowerCase();
  if (scheme === "" && head.length <= maxPrefix) return "unknown";
  if (scheme !== "" && "data:".startsWith(scheme)) return "unknown";
  if (scheme.startsWith("data:")) {
    const comma = text.indexOf(",");
    if (comma < 0) return text.length > maxPrefix ? "text" : "unknown";
    return /;\s*base64\s*$/i.test(text.slice(0, comma)) ? { data: text.slice(comma + 1) } : "text";
  }
  if (!isBase64) return "text";
  if (/^https?:/.test(scheme)) return "text";
  return scheme !== "" && "https:".startsWith(scheme) ? "unknown" : { data: text };
}

/** The same for a string that ends there. */
export function startOfWhole(head: string, isBase64: boolean): Exclude<StringStart, "unknown"> {
  const start = startOf(head, isBase64);
  if (start !== "unknown") return start;
  const text = head.trim();
  return isBase64 && text !== "" && !text.toLowerCase().startsWith("data:") ? { data: text } : "text";
}
