import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { flowPictures } from "../../../scripts/connector/flows/files.ts";
import { drawFlow } from "../../../scripts/connector/flows/picture/draw.ts";
import { cardWidth, type Flow, flowOf, inset } from "../../../scripts/connector/flows/picture/layout.ts";
import { widthOf } from "../../../scripts/connector/flows/picture/letters.ts";
import { spaced, wordsOf } from "../../../scripts/connector/flows/picture/words.ts";
import { sampleNames } from "../../../scripts/connector/flows/samples.ts";
import { servicesWith } from "../../../scripts/connector/flows/services.ts";
import { stepsOf } from "../../../scripts/connector/flows/workflow.ts";
import { damaged } from "../../support/connector-defects.ts";
import { committed } from "../../support/connector-package.ts";
import { action, makes, set } from "../../support/workflow-defects.ts";
import { sample, sampleFile } from "../../support/workflows.ts";

const definition = committed("apiDefinition.swagger.json");
const services = servicesWith(definition);

it("the pictures are drawn from the definitions of today; else: npm run connector", async () => {
  for (const [name, text] of Object.entries(await flowPictures(definition)))
    expect([name, sampleFile(name)]).toEqual([name, text]);
});

describe.each(sampleNames)("the picture of %s", (name) => {
  it("shows every step, and is an image that other people's readers draw", async () => {
    const svg = sampleFile(`${name}.svg`);
    const drawn = svg.replaceAll(/<\/text>\s*<text class="title"[^>]*>/g, " ");
    for (const step of stepsOf(sample(name))) expect(drawn).toContain(`>${spaced(step.name)}<`);
    const { width, height } = await sharp(Buffer.from(svg)).metadata();
    expect(width * height).toBeGreaterThan(100_000);
    expect(svg).toContain("prefers-color-scheme:dark");
  });

  it("has nothing upon anything else, and no text that is wider than its box", () => {
    expectApart(flowOf(sample(name), (step) => wordsOf(services, step)));
  });

  it("stands in the README", () => {
    expect(sampleFile("../README.md")).toContain(`](workflows/${name}.svg)`);
    expect(sampleFile("../README.md")).toContain(`](workflows/${name}.json)`);
  });
});

it.each([
  ["P2W", "2 weeks"],
  ["P1DT1H", "1 day 1 hour"],
  ["PT1.5S", "1.5 seconds"],
])("a time-out of %s is told in words", (timeout, words) => {
  const hasty = damaged(sample("mail-a-picture"), (w) => set(action(w, makes)["limit"]!, "timeout", timeout));
  const told = stepsOf(hasty).flatMap((step) => wordsOf(services, step).notes);
  expect(told.join("; ")).toContain(`gives up after ${words}`);
});

it("names can't break out of a picture", () => {
  const hostile = damaged(sample("mail-a-picture"), (w) =>
    Object.assign(w, { description: '</desc><script>alert("1")</script>' }),
  );
  expect(drawFlow("<b>", hostile, services)).not.toMatch(/<script|<b>/);
});

function expectApart({ boxes, arrows }: Flow): void {
  const places = [
    ...boxes.map(({ x, y, box }) => ({ x, y, width: box.width, height: box.height })),
    ...arrows.flatMap(({ to, label }) => {
      const width = widthOf(label ?? "", "label") + 20;
      return label === undefined ? [] : [{ x: to.x - width / 2, y: to.y - 36, width, height: 20 }];
    }),
  ];
  for (const [at, one] of places.entries())
    for (const other of places.slice(at + 1))
      expect(
        one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y,
      ).toBe(true);
  for (const { box } of boxes) {
    for (const line of box.words.title) expect(inset + widthOf(line, "title")).toBeLessThan(cardWidth);
    for (const line of box.words.notes) expect(inset + widthOf(line, "note")).toBeLessThan(cardWidth);
    for (const { flow } of box.columns) expectApart(flow);
  }
}
