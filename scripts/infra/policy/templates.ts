import { rule, type Rule, textOf, type World } from "./rule.ts";

/** What is asked of templates as they are written, where neither the compiler nor its lint rules ask it. */

const templatesOf = ({ tree }: World) => [...tree].filter(([path]) => path.endsWith(".bicep"));

const eachTemplate =
  (check: (text: string, world: World) => string[]): Rule["check"] =>
  (world) =>
    templatesOf(world).flatMap(([path, text]) =>
      check(text, world).map((complaint) => `${path}: ${complaint}`),
    );

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, first = ""]) => first);

/** Calls of published modules, each with its address and all that it is given. */
const publishedCalls = (text: string) =>
  [...text.matchAll(/^module \w+ '(br[^']*)'([^]*?)^[}\]]/gm)].map(([, source = "", body = ""]) => ({
    source,
    body,
  }));

/** Parameters of a template, each with its decorators. */
const parametersIn = (text: string) =>
  [...text.matchAll(/((?:^@[^]*?\n)*)^param (\w+)/gm)].map(([, decorators = "", name = ""]) => ({
    name,
    decorators,
  }));

const parametersOf = (world: World) => parametersIn(textOf(world, "infra/main.bicep"));

/** Templates that people deploy by hand. */
const asked = ["infra/main.bicep", "infra/connector/main.bicep", "infra/connector/workflow.bicep"];

/** Parameters that choose between branches. */
const choices = ["access", "durableBackend", "instanceMemoryMB"];

export const templateRules: Rule[] = [
  rule(
    "modules-pinned",
    "A version that moves makes tomorrow's deployment another than the one that was tried.",
    "Azure Verified Modules, versioning",
    eachTemplate((text) =>
      publishedCalls(text)
        .filter(({ source }) => !/^br\/public:avm\/[a-z0-9/-]+:\d+\.\d+\.\d+$/.test(source))
        .map(({ source }) => `${source} must be a verified module of one exact version`),
    ),
  ),
  rule(
    "one-version-each",
    "Two versions of a module are two sets of habits to know.",
    "Azure Verified Modules, versioning",
    (world) => {
      const all = templatesOf(world).flatMap(([, text]) => publishedCalls(text).map(({ source }) => source));
      const versions = new Map<string, Set<string>>();
      for (const source of all) {
        const [name = ""] = source.split(/:(?=[^:]*$)/);
        versions.set(name, (versions.get(name) ?? new Set()).add(source));
      }
      return [...versions.values()]
        .filter(({ size }) => size > 1)
        .map((sources) => `${[...sources].join(" and ")} are versions of one module`);
    },
  ),
  rule(
    "modules-tell-nobody",
    "Modules report their use to Microsoft by an extra deployment, unless told not to.",
    "Azure Verified Modules, telemetry; a deployment of nothing, which no snapshot shows",
    eachTemplate((text) =>
      publishedCalls(text)
        .filter(({ body }) => !/^ {4,6}enableTelemetry: false$|\benableTelemetry: false \}$/m.test(body))
        .map(({ source }) => `${source} must not report its use`),
    ),
  ),
  rule(
    "no-preview-versions",
    "A preview's shape changes without notice, and its support ends within a year.",
    "Bicep, use-recent-api-versions, which goes by the calendar",
    eachTemplate((text) =>
      matches(text, /'(Microsoft\.[^']+-preview)'/g).map((type) => `${type} is a preview`),
    ),
  ),
  rule(
    "no-keys",
    "What listKeys answers ends in a setting, an output or the deployment's history.",
    "Bicep, outputs-should-not-contain-secrets, which looks at outputs alone",
    eachTemplate((text) => matches(text, /\b(list[A-Z]\w*)\(/g).map((name) => `it must not call ${name}`)),
  ),
  rule(
    "secrets-are-secure",
    "A parameter that isn't marked is shown in the portal, and kept in the deployment's history.",
    "Bicep, secure-secrets-in-params, which knows no key",
    eachTemplate((text) =>
      parametersIn(text)
        .filter(({ name }) => /(key|secret|password)s?$/i.test(name))
        .filter(({ decorators }) => !decorators.includes("@secure()"))
        .map(({ name }) => `${name} must be marked @secure()`),
    ),
  ),
  rule(
    "secrets-in-no-module",
    "What a published module is given is kept in the deployment's history, whatever it was marked as before.",
    "Azure Resource Manager, deployment history",
    eachTemplate((text) => {
      const secure = matches(text, /@secure\(\)\nparam (\w+)/g);
      return publishedCalls(text)
        .flatMap(({ body }) => secure.filter((name) => new RegExp(`\\b${name}\\b`).test(body)))
        .map((name) => `${name} must not be handed to a module`);
    }),
  ),
  rule(
    "regions-by-parameter",
    "A region written down is where somebody else's data may not be.",
    "Bicep, no-hardcoded-location, which sees no region within an expression",
    eachTemplate((text) =>
      matches(text, /^ *location: (.*'[a-z0-9]+'.*)$/gm)
        .filter((value) => value !== "'global'")
        .map((value) => `a region must be a parameter, and is ${value}`),
    ),
  ),
  rule(
    "parameters-described",
    "Who deploys reads these words and nothing else.",
    "Azure Verified Modules, parameter descriptions",
    (world) =>
      asked.flatMap((path) =>
        parametersIn(textOf(world, path))
          .filter(({ decorators }) => !decorators.includes("@description("))
          .map(({ name }) => `${path}: ${name} must be described`),
      ),
  ),
  rule(
    "choices-are-closed",
    "A misspelt choice would fall to the other branch, silently.",
    "Bicep, allowed values",
    (world) =>
      parametersOf(world)
        .filter(({ name, decorators }) => choices.includes(name) && !decorators.includes("@allowed("))
        .map(({ name }) => `infra/main.bicep: the choices of ${name} must be told`),
  ),
  rule(
    "retention-in-bounds",
    "A number that the app refuses is an app that doesn't start.",
    "src, RETENTION_DAYS",
    (world) => {
      const inCode = /"RETENTION_DAYS", \{[^}]*minimum: ([\d_]+), maximum: ([\d_]+)/;
      const source = [...world.tree].find(([path, text]) => path.startsWith("src/") && inCode.test(text));
      const [, ...bounds] = inCode.exec(source?.[1] ?? "") ?? [];
      const [least = "?", most = "?"] = bounds.map((text) => text.replace("_", ""));
      const found = parametersOf(world).find(({ name }) => name === "retentionDays");
      return found?.decorators.includes(`@minValue(${least})\n@maxValue(${most})`)
        ? []
        : [`infra/main.bicep: retentionDays must be ${least} to ${most}, as the app has it`];
    },
  ),
];
