import { expect, it } from "vitest";
import { readRendition, renditionName, renditionParameters } from "../../../src/domain/rendition.ts";

const read = (query: string) => readRendition(new URLSearchParams(query));

it("a query without its parameters asks for no rendition", () => {
  expect(read("")).toBeUndefined();
  expect(read("thumbnail=256")).toBeUndefined();
});

it.each([
  ["width=390&format=webp", "390-inside-80.webp"],
  ["format=jpeg&quality=95", "full-inside-95.jpeg"],
  ["width=512&fit=cover&format=png&quality=60", "512-cover.png"],
])("%s has a name that tells it from all others: %s", (query, name) => {
  const rendition = read(query);
  expect(rendition && renditionName(rendition)).toBe(name);
});

it.each([
  ["width=391", "width", renditionParameters.width],
  ["width=", "width", renditionParameters.width],
  ["width=0390", "width", renditionParameters.width],
  ["format=gif", "format", renditionParameters.format],
  ["quality=81", "quality", renditionParameters.quality],
  ["width=390&fit=fill", "fit", renditionParameters.fit],
  ["fit=cover", "fit", ["inside"]],
])("%s is refused by the name %s, with the list", (query, param, allowed) => {
  expect(() => read(query)).toThrow(
    expect.objectContaining({ violations: [expect.objectContaining({ param, allowed })] }),
  );
});

it.each(["thumbnail=256&width=390", "download=1&format=png"])(
  "%s is refused: one picture is asked for",
  (query) => {
    expect(() => read(query)).toThrow(/goes without/);
  },
);
