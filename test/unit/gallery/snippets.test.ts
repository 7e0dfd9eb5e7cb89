import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { editSnippets, generationSnippets, type Snippet } from "../../../gallery/model/snippets.ts";

const hostile = 'it\'s "true" `null` ${1} \\ \n false';
const body = { model: "gpt-image-1", prompt: hostile, n: 2, stream: true, tags: ["a"] };
const origin = "https://darkroom.example";

const textOf = (snippets: Snippet[], name: Snippet["name"]) =>
  snippets.find((snippet) => snippet.name === name)?.text ?? "";

it("no snippet holds a key", () => {
  const all = [...generationSnippets(origin, body), ...editSnippets(origin, body, { images: ["a.png"] })];
  for (const { text } of all) expect(text).toContain("DARKROOM_KEY");
});

it("the JavaScript sends what the page sends", () => {
  const code = textOf(generationSnippets(origin, body), "JavaScript");
  const script = `globalThis.fetch = async (url, init) => {
    console.log(JSON.stringify([url, JSON.parse(init.body)]));
    return Response.json({ status: "succeeded", images: [] });
  };\n${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout.split("\n")[0] ?? "")).toEqual([`${origin}/api/images/generations`, body]);
});

const python = spawnSync("python3", ["--version"]).status === 0 ? "python3" : undefined;

it.skipIf(python === undefined)("the Python says the same, to Python", () => {
  const code = textOf(generationSnippets(origin, body), "Python");
  const script = `
import sys, types, json, os
os.environ["DARKROOM_KEY"] = "k"
class Reply:
    def raise_for_status(self): pass
    def json(self): return {"status": "succeeded", "images": []}
def post(url, headers, json):
    sys.modules["json"].dump([url, json], sys.stdout); print()
    return Reply()
sys.modules["requests"] = types.SimpleNamespace(post=post)
${code}`;
  const { stdout, stderr } = spawnSync("python3", ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout.split("\n")[0] ?? "")).toEqual([`${origin}/api/images/generations`, body]);
});

it("an edit names each of its files", () => {
  const snippets = editSnippets(origin, body, { images: ["a.png", "b.png"], mask: "mask.png" });
  for (const { text } of snippets) expect(text).toMatch(/a\.png[^]*b\.png[^]*mask\.png/);
});
