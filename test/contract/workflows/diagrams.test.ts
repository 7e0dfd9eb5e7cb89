import { describe, expect, it } from "vitest";
import { diagramOf } from "../../../scripts/connector/flows/diagram.ts";
import { readmeWithDiagrams } from "../../../scripts/connector/flows/files.ts";
import { sampleNames } from "../../../scripts/connector/flows/samples.ts";
import { servicesWith } from "../../../scripts/connector/flows/services.ts";
import { spaced, wordsOf } from "../../../scripts/connector/flows/words.ts";
import { awaitedBy, type Step, stepsOf } from "../../../scripts/connector/flows/workflow.ts";
import { damaged } from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";
import { action, makes, set } from "../../support/workflow-defects.ts";
import { sample, sampleFile } from "../../support/workflows.ts";

const definition = committed("apiDefinition.swagger.json");
const services = servicesWith(definition);
const speak = (step: Step) => wordsOf(services, step);
const readme = sampleFile("../README.md");

it("the diagrams are drawn from the definitions of today; else: npm run connector", async () => {
  expect(await readmeWithDiagrams(definition)).toBe(readme);
});

describe.each(sampleNames)("the diagram of %s", (name) => {
  const diagram = diagramOf(sample(name), speak);

  it("shows every step, and an arrow for all that a step waits for", () => {
    const steps = stepsOf(sample(name));
    for (const step of steps) expect(diagram).toContain(`<b>${spaced(step.name)}</b>`);
    const awaited = steps.reduce((sum, step) => sum + awaitedBy(step).size, 0);
    expect([...diagram.matchAll(/ -->/g)].length).toBeGreaterThan(awaited);
    expect([...diagram.matchAll(/subgraph /g)]).toHaveLength([...diagram.matchAll(/^ *end$/gm)].length);
  });

  it("stands in the README, beside its definition", () => {
    expect(readme).toContain(`\`\`\`mermaid\n${diagram}\n\`\`\``);
    expect(readme).toContain(`](workflows/${name}.json)`);
  });
});

it.each([
  ["P2W", "2 weeks"],
  ["P1DT1H", "1 day 1 hour"],
  ["PT1.5S", "1.5 seconds"],
])("a time-out of %s is told in words", (timeout, words) => {
  const hasty = damaged(sample("mail-a-picture"), (w) => set(action(w, makes)["limit"]!, "timeout", timeout));
  const allNotes = stepsOf(hasty).flatMap((step) => speak(step).notes);
  expect(allNotes.join("; ")).toContain(`gives up after ${words}`);
});

it("names can't break out of a diagram", () => {
  const hostile = damaged(sample("mail-a-picture"), (w) => {
    const actions = w["actions"]!;
    actions['"]<script>'] = actions[makes]!;
  });
  expect(diagramOf(hostile, speak)).not.toMatch(/<script|""|"\]</);
});
