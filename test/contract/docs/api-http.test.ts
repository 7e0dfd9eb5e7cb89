import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { editRequest, generationBody, uploadRequest } from "../../../src/contracts/requests.ts";

/** api.http, as an editor's client reads it: a request line, headers, a blank line, a body, up to the next `###`. */

const text = readFileSync(new URL("../../../api.http", import.meta.url), "utf8");
const demo = ["demo.ts", "demo-edits.ts"]
  .map((name) => readFileSync(new URL(`../../../scripts/${name}`, import.meta.url), "utf8"))
  .join("\n");
const requests = text
  .split(/^###.*\n/m)
  .slice(1)
  .map((block) => {
    const [head = "", ...body] = block.split("\n\n");
    const route = /^[A-Z]+ \{\{host\}\}(\S*)/m.exec(head)?.[1] ?? "";
    return { route, head, body: body.join("\n\n").trim() };
  });
const schemas = {
  "/api/images/generations": generationBody,
  "/api/images/edits": editRequest,
  "/api/uploads": uploadRequest,
};

describe("api.http", () => {
  it.each(Object.entries(schemas))("sends to %s what it takes", (route, schema) => {
    const bodies = requests.filter((request) => request.route === route && request.body.startsWith("{"));
    expect(bodies.length).toBeGreaterThan(0);
    for (const { body } of bodies) {
      // The names of what was sent before stand in braces.
      const parsed = schema.safeParse(JSON.parse(body.replaceAll(/\{\{[^}]*\}\}/g, "x")));
      expect(parsed.error?.issues, body).toBeUndefined();
    }
  });

  it("takes files from nowhere but where npm run demo puts them", () => {
    const files = [...text.matchAll(/^< (.*)$/gm)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const [, name = ""] = /^\.\/out\/([\w-]+?)(-0)?\.(png|json\.gz)$/.exec(file) ?? [];
      expect(demo, file).toContain(`"${name}`);
    }
  });
});
