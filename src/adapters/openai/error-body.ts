import { withoutAbsent } from "../../domain/without-absent.ts";
import type { ContentFilters } from "../../domain/content-filters.ts";
import { contentFiltersOf, type Filtered, filteredIn, isFilterField } from "./filter-results.ts";

/**
 * What an error says, gathered from wherever it stands in its body: nested errors, details, inner errors at any depth,
 * and the JSON that gateways put into a message (Wei-Shaw/sub2api #3429, pollinations/pollinations #9319).
 */
export interface ErrorBody {
  /** The status of the answer, or the one that an error inside a 200 stands for; undefined when it can't be known. */
  status: number | undefined;
  /** Codes and types, the outermost first, as `plainName` writes them. */
  names: readonly string[];
  /** Sentences, without the prompt: what a caller wrote must not decide how an error is sorted. */
  sentences: readonly string[];
  filters: readonly Filtered[];
  /** The outermost verdicts that are told, those that let something through included. */
  verdicts?: ContentFilters;
  /** A text that isn't the service's JSON: the page of a gateway. */
  isPage: boolean;
  /** The outermost part that speaks for itself rather than wrapping another; it may quote the prompt. */
  shown: { code?: string; message?: string };
}

interface Node {
  code?: string;
  message?: string;
  codes: string[];
  types: string[];
}

const maxDepth = 12;
const maxNodes = 200;
const maxEmbedded = 3;
const minPrompt = 12;
const nameFields = new Map<string, "codes" | "types">([
  ["code", "codes"],
  ["status", "codes"],
  ["type", "types"],
]);
// Fields that repeat what a caller wrote.
const isOfCaller = (field: string) => /prompt$/i.test(field);

/** @param status of the answer; absent for an error inside a 200, which is then read from its codes and types. */
export function readErrorBody(body: unknown, prompt: string, status?: number): ErrorBody {
  const nodes: Node[] = [];
  const texts: string[] = [];
  const filters: Filtered[] = [];
  let verdicts: ContentFilters | undefined;
  let visited = 0;

  function visit(value: unknown, depth: number, embedded: number): void {
    visited += 1;
    if (depth > maxDepth || visited > maxNodes) return;
    if (typeof value === "string") {
      const own = withoutPrompt(value, prompt);
      texts.push(own);
      const inside = embedded < maxEmbedded ? embeddedJson(own) : undefined;
      if (inside !== undefined) visit(inside, depth + 1, embedded + 1);
    } else if (Array.isArray(value)) {
      for (const part of value) visit(part, depth + 1, embedded);
    } else if (typeof value === "object" && value !== null) {
      const fields = Object.entries(value).filter(([field]) => !isOfCaller(field));
      nodes.push(nodeOf(fields));
      verdicts ??= contentFiltersOf(value);
      for (const [field, part] of fields) {
        if (isFilterField(field)) filters.push(...filteredIn(field, part));
        else if (!nameFields.has(field)) visit(part, depth + 1, embedded);
      }
    }
  }

  visit(body, 0, 0);
  const isPage = typeof body === "string" && body.trim() !== "" && embeddedJson(body) === undefined;
  return {
    status: status ?? statusOf(nodes),
    names: nodes.flatMap(({ codes, types }) => [...codes, ...types].map(plainName)),
    sentences: texts.flatMap(sentencesOf),
    filters,
    ...(verdicts && { verdicts }),
    isPage,
    shown: shownOf(nodes),
  };
}

/** `content_policy_violation`, `ContentPolicyViolation` and `content-policy-violation` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function nodeOf(fields: [string, unknown][]): Node {
  const node: Node = { codes: [], types: [] };
  for (const [field, value] of fields) {
    // Some gateways name the error where others describe it: {"error": "rate_limit_exceeded"}.
    const list = nameFields.get(field) ?? (field === "error" ? "codes" : undefined);
    if (list && isName(value)) node[list].push(String(value));
    if (field === "code" && isName(value)) node.code = String(value);
    if (field === "message" && typeof value === "string") node.message = value;
  }
  return node;
}

function shownOf(nodes: readonly Node[]): ErrorBody["shown"] {
  const speaks = ({ message }: Node) => message !== undefined && embeddedJson(message) === undefined;
  const node = nodes.find(speaks) ?? nodes.find(({ code }) => code !== undefined);
  return withoutAbsent({ code: node?.code, message: node && speaks(node) ? node.message : undefined });
}

function isName(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && /^[\w.-]{1,64}$/.test(value));
}

function embeddedJson(text: string): unknown {
  const [start, end] = [text.indexOf("{"), text.lastIndexOf("}")];
  if (start < 0 || end < start) return undefined;
  try {
    return JSON.parse(text.slice(start, end + 1));
  } catch {
    // Braces of another kind; the text is read as words.
    return undefined;
  }
}

/** A prompt of a few letters stands in any text, and has no room for a fault of its own. */
function withoutPrompt(text: string, prompt: string): string {
  const asked = prompt.trim();
  if (asked.length < minPrompt) return text;
  return text.replaceAll(asked, " ").replaceAll(JSON.stringify(asked).slice(1, -1), " ");
}

function sentencesOf(text: string): string[] {
  return text
    .split(/[.!?\n]+(?:\s|$)/)
    .map((sentence) => sentence.replace(/[\s\p{C}]+/gu, " ").trim())
    .filter((sentence) => sentence !== "");
}

// Names that stand for one status, from both dialects' error pages and the gateways that are known to wrap them.
const statusOfName = new Map<string, number>([
  ...["invalidrequesterror", "imagegenerationusererror", "badrequest", "invalidpayload"].map(at(400)),
  ...["unauthorized", "authenticationerror", "invalidapikey"].map(at(401)),
  ...["forbidden", "permissiondenied", "permissionerror", "accessdenied"].map(at(403)),
  ...["notfound", "notfounderror", "deploymentnotfound", "modelnotfound"].map(at(404)),
  ...["conflict", "operationnotinterminalstate"].map(at(409)),
  ...["faileddependency"].map(at(424)),
  ...["ratelimitexceeded", "toomanyrequests", "ratelimiterror", "resourceexhausted"].map(at(429)),
  ...["internalservererror", "servererror", "internalerror", "internal", "apierror"].map(at(500)),
  ...["badgateway"].map(at(502)),
  ...["serviceunavailable", "overloaded", "overloadederror"].map(at(503)),
  ...["timeout", "gatewaytimeout"].map(at(504)),
]);

function at(status: number) {
  return (name: string): [string, number] => [name, status];
}

/** Codes say more than types, which a gateway hands out by the dozen. */
function statusOf(nodes: readonly Node[]): number | undefined {
  const names = [...nodes.flatMap(({ codes }) => codes), ...nodes.flatMap(({ types }) => types)];
  for (const name of names) {
    const status = statusOfName.get(plainName(name)) ?? Number(name);
    if (status >= 400 && status < 600) return status;
  }
  return undefined;
}
