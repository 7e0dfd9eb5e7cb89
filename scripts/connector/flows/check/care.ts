import { type Finding, findingsOf, when } from "../../check/finding.ts";
import { bodyParameterOf, resolve } from "../../check/walk.ts";
import { type JsonObject, listAt, objectAt } from "../../json.ts";
import { expressionsIn, namedBy, partsOf } from "../expression.ts";
import { type Called, calledBy, type Services, successOf } from "../services.ts";
import { actionsOf, ownPart, type Step, stepsOf, textsIn } from "../workflow.ts";
import { waitedBy } from "./duration.ts";

/** Calls at once that the smallest quota of the image service bears: two, for DALL-E 2. */
const callsAtOnce = 2;

/** What the engine waits over all tries unless it is told otherwise: less than a minute's quota and the drawing after it. */
const defaultWaitMs = 80_000;

/** What works at first and hurts later: files in run histories, more at once than quota allows, giving up too soon. */
export function checkCare(definition: JsonObject, services: Services): Finding[] {
  const steps = stepsOf(definition);
  const files = actionsOf(definition)
    .filter((step) => givesFile(calledBy(services, step)))
    .map(({ name }) => name);
  return [
    ...steps.flatMap((step) => [...secured(step, calledBy(services, step), files), ...patience(step)]),
    ...atOnce(),
  ];

  function patience(step: Step): Finding[] {
    if (!makesImages(calledBy(services, step))) return [];
    const waited = waitedBy(objectAt(objectAt(step.node, "inputs"), "retryPolicy")) ?? 0;
    return waited > defaultWaitMs
      ? []
      : [finding("retries", step.name, "gives up before quota is there again")];
  }

  function atOnce(): Finding[] {
    const makers = actionsOf(definition).filter((step) => makesImages(calledBy(services, step)));
    const loops = makers.flatMap(({ around }) =>
      around.map(({ step }) => step).filter(({ type }) => type === "Foreach"),
    );
    const splitting = makers.length > 0 ? steps.filter((step) => "splitOn" in step.node) : [];
    return [...new Set([...loops, ...splitting])].flatMap((step) => {
      const concurrency = objectAt(objectAt(step.node, "runtimeConfiguration"), "concurrency");
      const most = concurrency[step.kind === "trigger" ? "runs" : "repetitions"];
      return typeof most === "number" && most <= callsAtOnce
        ? []
        : [finding("concurrency", step.name, `may ask for more than ${callsAtOnce} images at once`)];
    });
  }
}

const finding = findingsOf("care");

/** Bodies stand in run histories, readable for everybody who may look at runs, unless they are secured. */
function secured(step: Step, called: Called | undefined, files: string[]): Finding[] {
  const kept = listAt(objectAt(objectAt(step.node, "runtimeConfiguration"), "secureData"), "properties");
  const takes =
    readsFile(step, files) || JSON.stringify(objectAt(step.node, "inputs")).includes('ontentBytes":');
  const gives =
    givesFile(called) || objectAt(objectAt(step.node, "inputs"), "body")["includeContent"] === true;
  return [
    ...when(
      takes && !kept.includes("inputs"),
      finding("secure-inputs", step.name, "leaves a file in the run's history"),
    ),
    ...when(
      gives && !kept.includes("outputs"),
      finding("secure-outputs", step.name, "leaves a file in the run's history"),
    ),
  ];
}

function readsFile(step: Step, files: string[]): boolean {
  return textsIn(ownPart(step)).some(({ text }) => {
    if (text.includes("['contentBytes']")) return true;
    return expressionsIn(text)
      .flatMap(partsOf)
      .some(
        (part) =>
          part.kind === "call" &&
          ["body", "outputs"].includes(part.name) &&
          files.includes(namedBy(part) ?? ""),
      );
  });
}

const givesFile = (called: Called | undefined) =>
  called !== undefined && successOf(called)["format"] === "binary";

/** Whether the call is one that is paid for: it takes a prompt. */
function makesImages(called: Called | undefined): boolean {
  if (!called) return false;
  const schema = resolve(called.definition, bodyParameterOf(called.operation)?.["schema"]);
  return "prompt" in objectAt(schema, "properties");
}
