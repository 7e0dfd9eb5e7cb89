/** The `path` of a blob trigger: a container, and a pattern for names whose `{x}` parts become metadata. */
export interface BlobPath {
  container: string;
  /** The fixed beginning of all names that can match. */
  prefix: string;
  match(name: string): Record<string, string> | undefined;
}

/** Reads a blob path such as `inbox/{name}.json`. A container alone takes every blob. */
export function parseBlobPath(path: string): BlobPath {
  const slash = path.indexOf("/");
  const container = slash < 0 ? path : path.slice(0, slash);
  const pattern = slash < 0 ? "" : path.slice(slash + 1);
  if (container === "" || container.includes("{")) {
    throw new Error(`The blob path '${path}' must begin with the name of a container.`);
  }
  if (pattern === "") return { container, prefix: "", match: () => ({}) };
  const names: string[] = [];
  const source = pattern
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      names.push(name);
      return "(.+)";
    })
    .join("");
  const expression = new RegExp(`^${source}$`, "s");
  return {
    container,
    prefix: pattern.split("{")[0] ?? "",
    match(name) {
      const found = expression.exec(name);
      return found
        ? Object.fromEntries(names.map((each, index) => [each, found[index + 1] ?? ""]))
        : undefined;
    },
  };
}
