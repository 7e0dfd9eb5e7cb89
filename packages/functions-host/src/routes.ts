/** An HTTP function as far as routing is concerned. */
export interface RoutedFunction {
  name: string;
  route: string | undefined;
  /** Upper case; undefined answers every method. */
  methods: readonly string[] | undefined;
}

export interface Route<F extends RoutedFunction> {
  function: F;
  template: string;
  match(path: string): Record<string, string> | undefined;
}

export interface RouteMatch<F extends RoutedFunction> {
  function: F;
  params: Record<string, string>;
}

/**
 * Builds the route table. The first match in alphabetical order of FUNCTION NAMES wins, not the most specific
 * route: the real host adds routes in that order to a plain list (HOST WebScriptHostHttpRoutesManager.cs), so
 * `items/{id}` in `getItem` shadows `items/search` in `search`.
 */
export function buildRoutes<F extends RoutedFunction>(functions: readonly F[], prefix: string): Route<F>[] {
  const sorted = [...functions].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const routes = sorted.map((each) => buildRoute(each, prefix));
  for (const [index, route] of routes.entries()) {
    const rival = routes.slice(0, index).find((other) => conflicts(other, route));
    if (rival) {
      throw new Error(
        `The route '${route.template}' of function '${route.function.name}' conflicts with the one of '${rival.function.name}'.`,
      );
    }
  }
  return routes;
}

/** The function that answers, if any. A path that matches with another method is no match: 404, never 405. */
export function findRoute<F extends RoutedFunction>(
  routes: readonly Route<F>[],
  method: string,
  path: string,
): RouteMatch<F> | undefined {
  for (const route of routes) {
    const { methods } = route.function;
    if (methods && !methods.includes(method.toUpperCase())) continue;
    const params = route.match(path);
    if (params) return { function: route.function, params };
  }
  return undefined;
}

function buildRoute<F extends RoutedFunction>(target: F, prefix: string): Route<F> {
  // An empty route counts as none and gives way to the name; "/" is the root (HOST, same file).
  const own = (target.route === undefined || target.route === "" ? target.name : target.route).replace(
    /^~?\//,
    "",
  );
  // A prefix test on the real host too, so `administrators` is refused like `admin` (HOST ScriptHost.cs).
  if (/^(admin|runtime)/i.test(own)) {
    throw new Error(
      `Function '${target.name}': the route '${own}' starts with a reserved word, admin or runtime.`,
    );
  }
  const template = [prefix, own].filter((part) => part !== "").join("/");
  return { function: target, template, match: compileTemplate(template, target.name) };
}

function conflicts(a: Route<RoutedFunction>, b: Route<RoutedFunction>): boolean {
  if (a.template.toLowerCase() !== b.template.toLowerCase()) return false;
  const [left, right] = [a.function.methods, b.function.methods];
  return !left || !right || left.some((method) => right.includes(method));
}

interface Parameter {
  name: string;
  fallback: string | undefined;
  /** Whether its absence is no match: the constraints of a catch-all are checked then too, and none of them accepts nothing. */
  isMissed: boolean;
  accepts: (value: string) => boolean;
}

/** Compiles an ASP.NET route template: literals, `{x}`, `{x?}`, `{x=default}`, `{x:constraint}`, `{*rest}`. */
export function compileTemplate(template: string, owner: string): Route<RoutedFunction>["match"] {
  const parameters: Parameter[] = [];
  let pattern = "";
  for (const segment of template.split("/").filter((part) => part !== "")) {
    const isOptional = /^\{[^{}]+(\?|=[^{}]*)\}$/.test(segment) || segment.startsWith("{*");
    const source = segment
      .split(/(\{[^{}]*\})/)
      .map((part) => (part.startsWith("{") ? parameterPattern(part, parameters, owner) : escapeLiteral(part)))
      .join("");
    pattern += isOptional ? `(?:/${source})?` : `/${source}`;
  }
  const expression = new RegExp(`^${pattern}/?$`, "i");
  return (path) => {
    const found = expression.exec(path === "/" ? "" : path);
    if (!found) return undefined;
    const params: Record<string, string> = {};
    for (const [index, { name, fallback, isMissed, accepts }] of parameters.entries()) {
      const raw = found[index + 1];
      const value = raw === undefined || raw === "" ? fallback : decode(raw);
      if (value === undefined && isMissed) return undefined;
      if (value === undefined) continue;
      if (!accepts(value)) return undefined;
      params[name] = value;
    }
    return params;
  };
}

function parameterPattern(part: string, parameters: Parameter[], owner: string): string {
  const [, star, name, constraints, suffix] =
    /^\{(\*{0,2})(\w+)((?::(?:\w+\(.*\)|[^=?()]+))*)(\?|=.*)?\}$/.exec(part) ?? [];
  if (name === undefined) throw new Error(`Function '${owner}': the route part '${part}' is not understood.`);
  const checks = (constraints ?? "").split(":").filter((each) => each !== "");
  const accepts = checks.map((each) => constraint(each, owner));
  parameters.push({
    name,
    fallback: suffix?.startsWith("=") ? suffix.slice(1) : undefined,
    isMissed: star !== "" && checks.length > 0,
    accepts: (value) => accepts.every((check) => check(value)),
  });
  return star ? "(.*)" : "([^/]+)";
}

const simpleConstraints: Record<string, RegExp> = {
  int: /^[+-]?\d{1,10}$/,
  long: /^[+-]?\d{1,19}$/,
  bool: /^(true|false)$/i,
  alpha: /^[a-z]*$/i,
  guid: /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i,
};

function constraint(text: string, owner: string): (value: string) => boolean {
  const simple = simpleConstraints[text.toLowerCase()];
  if (simple) return (value) => simple.test(value);
  const [, name, argument = ""] = /^(\w+)\((.*)\)$/.exec(text) ?? [];
  const [low = 0, high = low] = argument.split(",").map(Number);
  switch (name?.toLowerCase()) {
    case "minlength":
      return (value) => value.length >= low;
    case "maxlength":
      return (value) => value.length <= low;
    case "length":
      return (value) => value.length >= low && value.length <= high;
    case "regex": {
      const expression = new RegExp(argument, "i");
      return (value) => expression.test(value);
    }
    default:
      throw new Error(`Function '${owner}': the local host has no route constraint '${text}'.`);
  }
}

function escapeLiteral(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

// Kestrel decodes a path but leaves an encoded slash alone.
function decode(raw: string): string {
  return decodeURIComponent(raw.replace(/%2f/gi, "%252F"));
}
