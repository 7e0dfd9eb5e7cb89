import { isObject, type Json, type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { type Expression, expressionsIn, namedBy } from "./expression.ts";
import { calledBy, type Services } from "./services.ts";
import { connectionOf, type Step } from "./workflow.ts";

/** What a picture says of a step: its name, and in a few words what it does and how. */
export type Look =
  | "trigger"
  | "darkroom"
  | "mail"
  | "files"
  | "loop"
  | "scope"
  | "choice"
  | "data"
  | "answer";
export interface Words {
  look: Look;
  title: string;
  notes: string[];
}

export function wordsOf(services: Services, step: Step): Words {
  return {
    look: lookOf(step),
    title: spaced(step.name),
    notes: [doing(services, step), ...conditions(step)].filter((note) => note !== ""),
  };
}

export const spaced = (name: string) => name.replaceAll("_", " ");

function lookOf(step: Step): Look {
  if (step.kind === "trigger") return "trigger";
  const byConnection: Record<string, Look> = { darkroom: "darkroom", office365: "mail", azureblob: "files" };
  const byType: Record<string, Look> = {
    Foreach: "loop",
    Scope: "scope",
    If: "choice",
    Switch: "choice",
    Response: "answer",
  };
  return byConnection[connectionOf(step) ?? ""] ?? byType[step.type] ?? "data";
}

function doing(services: Services, step: Step): string {
  const called = calledBy(services, step);
  if (called) return `${called.title}: ${textAt(called.operation, "summary") ?? ""}`;
  const { node } = step;
  const inputs = objectAt(node, "inputs");
  switch (step.type) {
    case "Recurrence":
      return recurring(objectAt(node, "recurrence"));
    case "Request":
      return `takes ${Object.keys(objectAt(objectAt(inputs, "schema"), "properties")).join(", ")} over HTTP`;
    case "Foreach":
      return `goes through the ${sourceOf(node["foreach"])}`;
    case "If":
      return `where ${condition(objectAt(node, "expression"))}`;
    case "Switch":
      return `by ${sourceOf(node["expression"])}`;
    case "Compose":
      return `keeps the ${sourceOf(node["inputs"])}`;
    case "Response":
      return `answers ${JSON.stringify(inputs["statusCode"])}`;
    case "InitializeVariable":
      return listAt(inputs, "variables")
        .map((one) => `makes ${textAt(one, "name") ?? ""}, ${article(textAt(one, "type") ?? "value")}`)
        .join();
    case "AppendToArrayVariable":
      return `adds to ${textAt(inputs, "name") ?? ""}`;
    case "Table":
      return `makes ${textAt(inputs, "format") ?? "a table"} of the ${sourceOf(inputs["from"])}`;
    default:
      return "";
  }
}

const article = (word: string) => (/^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`);

function conditions({ type, node, kind }: Step): string[] {
  const inputs = objectAt(node, "inputs");
  const running = objectAt(node, "runtimeConfiguration");
  const concurrency = objectAt(running, "concurrency");
  const atOnce = concurrency["repetitions"] ?? concurrency["runs"];
  const timeout = textAt(objectAt(node, "limit"), "timeout");
  const tries = objectAt(inputs, "retryPolicy")["count"];
  const secured = textsOf(listAt(objectAt(running, "secureData"), "properties"));
  const polled = objectAt(node, "recurrence");
  return [
    kind === "trigger" && type !== "Recurrence" && "frequency" in polled ? `looks ${recurring(polled)}` : "",
    type === "ApiConnectionWebhook" ? "sleeps until it is called back" : "",
    typeof atOnce === "number" ? `${atOnce} at once` : "",
    typeof tries === "number" ? `tries again up to ${tries} times` : "",
    timeout === undefined ? "" : `gives up after ${spoken(timeout)}`,
    secured.length > 0 ? `${secured.join(" and ")} stay out of the history` : "",
  ];
}

/** What an input comes from, by its last name: `@body('A')?['images']` is the images of A. */
function sourceOf(input: Json | undefined): string {
  const [expression] = typeof input === "string" ? expressionsIn(input) : [];
  return expression ? nameOf(expression) : "";
}

function nameOf(expression: Expression): string {
  if (expression.kind === "literal") return JSON.stringify(expression.value);
  if (expression.kind === "call") {
    const [first] = expression.given;
    if (["coalesce", "first", "last", "string"].includes(expression.name) && first) return nameOf(first);
    return spaced(namedBy(expression) ?? expression.name);
  }
  const { key, of } = expression;
  if (key.kind !== "literal") return nameOf(of);
  return key.value === "code" && of.kind === "member" ? `${nameOf(of)} code` : String(key.value);
}

function condition(expression: JsonObject): string {
  return Object.entries(expression)
    .map(([joint, tests]) =>
      (Array.isArray(tests) ? tests : [])
        .flatMap((test) => (isObject(test) ? Object.entries(test) : []))
        .map(([verb, sides]) => {
          const [left, right] = Array.isArray(sides) ? sides : [];
          return `${sourceOf(left)} ${verb === "equals" ? "is" : verb} ${typeof right === "string" ? right : JSON.stringify(right)}`;
        })
        .join(` ${joint} `),
    )
    .join();
}

function recurring({ frequency, interval, schedule }: JsonObject): string {
  const unit = typeof frequency === "string" ? frequency.toLowerCase() : "";
  const every = interval === 1 ? `every ${unit}` : `every ${JSON.stringify(interval)} ${unit}s`;
  const days = textsOf(listAt(schedule, "weekDays")).join(", ");
  const hours = textsOf(listAt(schedule, "hours")).map((hour) => `${hour}:00`);
  return [every, days && `on ${days}`, hours.length > 0 ? `at ${hours.join(", ")} UTC` : ""]
    .filter((part) => part !== "")
    .join(" ");
}

const textsOf = (list: Json[]) => list.filter((entry) => typeof entry === "string");

function spoken(duration: string): string {
  const units: Record<string, string> = { W: "week", D: "day", H: "hour", M: "minute", S: "second" };
  return [...duration.matchAll(/([\d.]+)([WDHMS])/g)]
    .map(([, count = "", unit = ""]) => `${count} ${units[unit] ?? ""}${count === "1" ? "" : "s"}`)
    .join(" ");
}
