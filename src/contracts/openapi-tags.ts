import type { createDocument } from "zod-openapi";

type Described = ReturnType<typeof createDocument>;

/** How operations are grouped in the reference, in the order in which they are needed. */
const tags = [
  {
    name: "Make",
    description: "Ask for images: generations, edits, and uploads to edit.",
    path: /^\/api\/(images|uploads|batches)\b/,
  },
  {
    name: "Jobs",
    description: "Read, watch, list, cancel and delete jobs.",
    path: /^\/api\/jobs(?!.*deliver)/,
  },
  { name: "Deliveries", description: "What became of a job's webhook.", path: /^\/api\/jobs.*deliver/ },
  { name: "Models", description: "What can be asked for here.", path: /^\/api\/models/ },
  {
    name: "Access",
    description: "Tokens, callers and links, for those who hand them on.",
    path: /^\/api\/(?!health)/,
  },
  { name: "About", description: "Health, documents and pages.", path: /^\// },
] as const;

const tagOf = (path: string): string => tags.find((tag) => tag.path.test(path))?.name ?? "About";

/** The document with each operation under its tag, and the tags that are used. */
export function withTags(document: Described): Described {
  const entries = Object.entries(document.paths ?? {});
  const used = new Set(entries.map(([path]) => tagOf(path)));
  return {
    ...document,
    tags: tags.filter(({ name }) => used.has(name)).map(({ name, description }) => ({ name, description })),
    paths: Object.fromEntries(
      entries.map(([path, item]) => [
        path,
        Object.fromEntries(
          Object.entries(item as object).map(([method, operation]: [string, object]) => [
            method,
            { ...operation, tags: [tagOf(path)] },
          ]),
        ),
      ]),
    ),
  };
}
