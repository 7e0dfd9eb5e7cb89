/**
 * Reads the values of a route's parameters from a path; undefined when the path is another's. Names keep their case.
 *
 * The host's own values can't be trusted: a query parameter or a field of a JSON body whose name differs from a
 * parameter's in nothing but case takes its place (docs/decisions/2026-11-30-as-the-real-host.md).
 */
export function routeReader(route: string): (path: string) => Record<string, string> | undefined {
  // The one optional part is the root's: it is there to be absent.
  const parts = route.split("/").filter((part) => !part.endsWith("?}"));
  return (path) => {
    const segments = path.replace(/\/$/, "").split("/").slice(1);
    if (segments.length !== parts.length) return undefined;
    const values: Record<string, string> = {};
    for (const [index, part] of parts.entries()) {
      const segment = segments[index] ?? "";
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name !== undefined && segment !== "") values[name] = decode(segment);
      else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
    }
    return values;
  };
}

/** As the host decodes: an encoded slash stays encoded, so that a value can't be read as two parts of a path. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment.replace(/%2f/gi, "%252F"));
  } catch {
    // Not an encoding of anything, and so no name of anything either.
    return segment;
  }
}
