/**
 * The base64 of a file as flows carry it. A file action hands on an object of `$content-type` and `$content`, a form or a
 * variable hands on text, and a designer wraps each token that it doesn't know as bytes in `base64()`: the base64 of that
 * text then. What is no file in any of these forms is given back as it came, for its schema or its decoder to refuse.
 */
export function readFlowContent(value: unknown, depth = maxDepth): unknown {
  if (depth === 0) return value;
  if (isEnvelope(value)) return readFlowContent(value.$content, depth - 1);
  if (typeof value !== "string" || !isWrapped(value)) return value;
  const inner = Buffer.from(value, "base64").toString("latin1");
  return readFlowContent(inner.trimStart().startsWith("{") ? parsed(inner) : inner, depth - 1);
}

/** Whether it is a file as a file action hands it on. */
export function isEnvelope(value: unknown): value is { $content: unknown } {
  return typeof value === "object" && value !== null && "$content" in value;
}

// One cast by the designer, one by the author's expression, and an object within.
const maxDepth = 4;
const headCharacters = 128;
// No image begins with so many letters and digits: the types that are known here have other bytes among the first four.
const wrapped = /^\s*(data:[\w/;,=-]|\{\s*"\$content|[A-Za-z0-9+/_-]{24})/;

/** Whether base64 holds text that is itself base64, a data URL, or an object with content. */
function isWrapped(text: string): boolean {
  const head = text.slice(0, headCharacters);
  if (/^\s*data:/i.test(head)) return false;
  return wrapped.test(Buffer.from(head, "base64").toString("latin1"));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It only began like an object: text that the decoder refuses by its field's name.
    return text;
  }
}
