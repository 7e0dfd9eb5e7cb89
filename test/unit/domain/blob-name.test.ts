import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputBlobName, inputBlobPrefix, nameBeside, resultBlobName } from "../../../src/domain/blob-name.ts";

describe("names of inputs", () => {
  it("differ by part and state, and all lie under their job's prefix", () => {
    const names = ([0, 1, 15, "mask"] as const).flatMap((part) =>
      (["received", "clean"] as const).map((state) => inputBlobName("job_x", part, state)),
    );
    expect(names).toEqual([
      "job_x/image-0",
      "job_x/image-0-clean",
      "job_x/image-1",
      "job_x/image-1-clean",
      "job_x/image-15",
      "job_x/image-15-clean",
      "job_x/mask",
      "job_x/mask-clean",
    ]);
    expect(names.every((name) => name.startsWith(inputBlobPrefix("job_x")))).toBe(true);
  });

  it("of one job are never under another's prefix", () => {
    expect(inputBlobName("job_x1", 0, "received").startsWith(inputBlobPrefix("job_x"))).toBe(false);
  });
});

describe("a name beside another", () => {
  it.each([
    ["cat.json", "cat.png", "cat.png"],
    ["a/b/cat.json", "cat.png", "a/b/cat.png"],
    ["a/cat.json", "b/cat.png", "a/b/cat.png"],
    ["cat.json", "...", "..."],
    ["cat.json", "%2e%2e%2fcat.png", "%2e%2e%2fcat.png"],
  ])("of %s as %s is %s", (blob, name, found) => {
    expect(nameBeside(blob, name)).toBe(found);
  });

  it("never leaves the folder, whatever is asked", () => {
    const segment = fc.constantFrom("..", ".", "", "a", "b.png", "\\", "\u0001", "%2e", "\udc00", "..a");
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
        const found = nameBeside("in/cat.json", segments.join("/"));
        if (found === undefined) return;
        // As the client of the service writes it.
        const address = found.split("/").map(encodeURIComponent).join("/");
        expect(new URL(address, "https://x.example/").pathname).toMatch(/^\/in\/[^/]/);
        expect(found).not.toMatch(/\\|\/\/|\p{Cc}/u);
        expect(found.isWellFormed()).toBe(true);
      }),
    );
  });

  it("has 1,024 characters at most, as a blob's name may", () => {
    expect(nameBeside("in/a.json", "x".repeat(1_021))).toHaveLength(1_024);
    expect(nameBeside("in/a.json", "x".repeat(1_022))).toBeUndefined();
  });
});

it.each([
  ["cat.json", "cat.json"],
  ["a/cat.v2.png", "a/cat.v2.json"],
  ["a.b/cat", "a.b/cat.json"],
  ["CAT.JSON", "CAT.json"],
])("the result of %s is %s", (blob, result) => {
  expect(resultBlobName(blob)).toBe(result);
});
