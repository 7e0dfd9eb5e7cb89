import { editCurl, fieldText, jsonCurl } from "./curl.ts";

/** The request in three languages. The key is never part of them: they go into chats and tickets. */
export interface Snippet {
  name: "curl" | "JavaScript" | "Python";
  text: string;
}

// How both end: the job, or why there is none.
const showInJavaScript = `const job = await reply.json();
if (!reply.ok) throw new Error(job.error.message);
console.log(job.status, job.images.map((image) => image.url));`;
const showInPython = `reply.raise_for_status()
job = reply.json()
print(job["status"], [image["url"] for image in job["images"]])`;

export function generationSnippets(origin: string, body: Record<string, unknown>): Snippet[] {
  return jsonSnippets(`${origin}/api/images/generations`, body);
}

/** An edit whose pictures are named, not sent. */
export function editAgainSnippets(origin: string, body: Record<string, unknown>): Snippet[] {
  return jsonSnippets(`${origin}/api/images/edits`, body);
}

function jsonSnippets(address: string, body: Record<string, unknown>): Snippet[] {
  return [
    { name: "curl", text: jsonCurl(address, body) },
    {
      name: "JavaScript",
      text: `const reply = await fetch(${text(address)}, {
  method: "POST",
  headers: {
    "api-key": process.env.DARKROOM_KEY,
    "content-type": "application/json",
    prefer: "wait=60",
  },
  body: JSON.stringify(${indented(JSON.stringify(body, undefined, 2), 2)}),
});
${showInJavaScript}`,
    },
    {
      name: "Python",
      text: `import os, requests

reply = requests.post(
    ${text(address)},
    headers={"api-key": os.environ["DARKROOM_KEY"], "prefer": "wait=60"},
    json=${indented(python(body), 4)},
)
${showInPython}`,
    },
  ];
}

export function editSnippets(
  origin: string,
  body: Record<string, unknown>,
  files: { images: readonly string[]; mask?: string },
): Snippet[] {
  const address = `${origin}/api/images/edits`;
  const parts = [
    ...files.images.map((name) => ["image", name] as const),
    ...(files.mask === undefined ? [] : [["mask", files.mask] as const]),
  ];
  const fields = Object.entries(body).map(([name, value]) => [name, fieldText(value)] as const);
  return [
    { name: "curl", text: editCurl(origin, body, files) },
    {
      name: "JavaScript",
      text: `import { openAsBlob } from "node:fs";

const form = new FormData();
${fields.map(([name, value]) => `form.set(${text(name)}, ${text(value)});`).join("\n")}
${parts.map(([name, file]) => `form.append(${text(name)}, await openAsBlob(${text(file)}), ${text(file)});`).join("\n")}
const reply = await fetch(${text(address)}, {
  method: "POST",
  headers: { "api-key": process.env.DARKROOM_KEY, prefer: "wait=60" },
  body: form,
});
${showInJavaScript}`,
    },
    {
      name: "Python",
      text: `import os, requests

reply = requests.post(
    ${text(address)},
    headers={"api-key": os.environ["DARKROOM_KEY"], "prefer": "wait=60"},
    data={${fields.map(([name, value]) => `${text(name)}: ${text(value)}`).join(", ")}},
    files=[${parts.map(([name, file]) => `(${text(name)}, open(${text(file)}, "rb"))`).join(", ")}],
)
${showInPython}`,
    },
  ];
}

// A JSON string is a string of both languages.
const text = (value: string): string => JSON.stringify(value);

const indented = (lines: string, by: number): string => lines.replaceAll("\n", `\n${" ".repeat(by)}`);

/** JSON as a Python literal: the three words that differ stand outside of strings. */
function python(value: unknown): string {
  return JSON.stringify(value, undefined, 4).replace(
    /"(?:[^"\\]|\\.)*"|\b(true|false|null)\b/g,
    (whole, word?: string) =>
      word === undefined ? whole : ({ true: "True", false: "False", null: "None" }[word] ?? whole),
  );
}
