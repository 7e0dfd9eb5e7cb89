import type { Attributes, OtlpSpan } from "./otlp-types.ts";

/** How what is drawn below a branch goes on. */
const below = { "": "", "├─ ": "│  ", "└─ ": "   " };

/**
 * A trace as a tree, one line for each span: when it began, counted from the first, how long it took, and what it was.
 * A span whose parent nobody told, such as a client's, stands at the top.
 */
export function drawTree(spans: readonly OtlpSpan[], from?: number): string {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentId = "" }) => (ids.has(parentId) ? parentId : ""));
  for (const siblings of children.values()) siblings.sort((a, b) => a.start - b.start || a.end - b.end);
  const zero = from ?? Math.min(...spans.map(({ start }) => start));
  const lines: string[] = [`${"at".padStart(9)} ${"took".padStart(9)}`];

  const draw = (span: OtlpSpan, lead: string, branch: keyof typeof below): void => {
    const at = duration(span.start - zero).padStart(9);
    const took = duration(span.end - span.start).padStart(9);
    lines.push(`${at} ${took}  ${lead}${branch}${describe(span)}`);
    const own = children.get(span.spanId) ?? [];
    const inner = `${lead}${below[branch]}`;
    for (const [position, child] of own.entries())
      draw(child, inner, position === own.length - 1 ? "└─ " : "├─ ");
  };
  for (const root of children.get("") ?? []) draw(root, "", "");
  return lines.join("\n");
}

export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

/** A span's name, and of its attributes those that tell it from its siblings. */
function describe({ name, attributes, isError }: OtlpSpan): string {
  const words = [
    attributes["http.response.status_code"],
    labelled("call", attributes["darkroom.call"]),
    name.startsWith("upstream") ? place(attributes) : undefined,
    name === "job" ? `${place(attributes)}, ${slots(attributes)}` : undefined,
    attributes["darkroom.outcome"],
    bytes(attributes["darkroom.bytes"]),
    isError ? `failed: ${attributes["error.type"] ?? "error"}` : undefined,
  ];
  const known = words.filter((word) => word !== undefined && word !== "");
  return known.length === 0 ? name : `${name} · ${known.join(", ")}`;
}

function place(attributes: Attributes): string {
  return `${attributes["darkroom.model"] ?? "?"} at ${attributes["darkroom.deployment"] ?? "?"}`;
}

function slots(attributes: Attributes): string {
  return `${attributes["darkroom.slots.stored"] ?? 0} of ${attributes["darkroom.slots.wanted"] ?? "?"} images`;
}

function labelled(label: string, value: Attributes[string] | undefined): string | undefined {
  return value === undefined ? undefined : `${label} ${value}`;
}

function bytes(value: Attributes[string] | undefined): string | undefined {
  if (typeof value !== "number") return undefined;
  return value < 100_000 ? `${(value / 1_000).toFixed(1)} KB` : `${(value / 1_000_000).toFixed(1)} MB`;
}
