import { parse } from "yaml";
import { isRecord, type Value } from "../../evaluate/values.ts";
import { at, type Around, calls, listAt, missing, type Place, type Rule, textAt, valueAt } from "./rule.ts";

const azure = "azure.yaml";
const parsed = new Map<string, Value>();

/** A text is read once, however many rules ask. */
function yamlOf(text: string): Value {
  const value = parsed.get(text) ?? (parse(text) as Value);
  parsed.set(text, value);
  return value;
}

function azureYaml(around: Around): Value | undefined {
  const text = around.tree.get(azure);
  return text === undefined ? undefined : yamlOf(text);
}

function servicesIn(file: Value): [string, Value][] {
  return Object.entries(valueAt(file, "services") ?? {}) as [string, Value][];
}

function scripts(around: Around): string[] {
  const file = JSON.parse(around.tree.get("package.json") ?? "{}") as { scripts?: object };
  return Object.keys(file.scripts ?? {});
}

/** Every `run:` within a hook, or within all hooks of the file. */
function hookRuns(value: Value | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap(hookRuns);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "run" && typeof inner === "string" ? [inner] : hookRuns(inner),
  );
}

function azureFile(check: (file: Value, around: Around) => string[]): Rule["check"] {
  return (around) => {
    const file = azureYaml(around);
    return file === undefined ? [] : check(file, around).map((message) => missing(message, azure));
  };
}

interface Workflow {
  text: string;
  value: Value;
}

function eachWorkflow(check: (workflow: Workflow) => { line: number; message: string }[]): Rule["check"] {
  return ({ tree }) =>
    [...tree]
      .filter(([path]) => path.startsWith(".github/workflows/"))
      .flatMap(([path, text]): Place[] =>
        check({ text, value: yamlOf(text) }).map((found) => ({ file: path, ...found })),
      );
}

const linesWith = (text: string, pattern: RegExp) =>
  text.split("\n").flatMap((line, at) => (pattern.test(line) ? [{ line: at + 1, text: line }] : []));

const jobsOf = (workflow: Workflow): [string, Value][] => {
  const jobs = valueAt(workflow.value, "jobs");
  return isRecord(jobs) ? Object.entries(jobs) : [];
};

/** A federated sign-in asks for `id-token: write`, and for nothing else that writes. */
function writesMoreThanSignIn(permissions: Value | undefined): boolean {
  return (
    isRecord(permissions) &&
    Object.entries(permissions).some(([key, value]) => value === "write" && key !== "id-token")
  );
}

export const repositoryRules: Rule[] = [
  {
    name: "azd-service",
    why: "azd looks for the resource by the tag of the service's name.",
    source: "Azure Developer CLI, azure.yaml",
    check: (around) => {
      const file = azureYaml(around);
      const services = file === undefined ? undefined : valueAt(file, "services");
      if (!isRecord(services)) return [];
      return around.shapes.flatMap((shape) =>
        calls(shape, "web/site")
          .filter(({ body }) => valueAt(body, "tags.azd-service-name") !== undefined)
          .filter(({ body }) => !(textAt(body, "tags.azd-service-name") in services))
          .map((call) => at(call, "tags", "azure.yaml names no service of this tag.")),
      );
    },
  },
  {
    name: "azd-host",
    why: "Another host is deployed in another way.",
    source: "Azure Developer CLI, azure.yaml",
    check: azureFile((file) =>
      servicesIn(file)
        .filter(
          ([, service]) =>
            textAt(service, "host") !== "function" || !["js", "ts"].includes(textAt(service, "language")),
        )
        .map(([name]) => `${name} must be a function app in js or ts.`),
    ),
  },
  {
    name: "azd-builds-nothing",
    why: "The package is made and tested here; the platform would build another.",
    source: "package.json, npm run package",
    check: azureFile((file) =>
      servicesIn(file)
        .filter(([, service]) => valueAt(service, "remoteBuild") !== false)
        .map(([name]) => `${name} must not be built again by the platform.`),
    ),
  },
  {
    name: "azd-templates",
    why: "azd must find the templates that are checked here.",
    source: "Azure Developer CLI, azure.yaml",
    check: azureFile((file) =>
      textAt(file, "infra.path") === "infra" && textAt(file, "infra.module") === "main"
        ? []
        : ["infra must be infra/main."],
    ),
  },
  {
    name: "azd-after-deploy",
    why: "Without it there is no secret and no subscription: an app that refuses to start.",
    source: "infra/README.md",
    check: azureFile((file) =>
      hookRuns(valueAt(file, "hooks.postdeploy")).length > 0
        ? []
        : ["There must be a step after deployment."],
    ),
  },
  {
    name: "azd-hooks-exist",
    why: "A hook that isn't there ends `azd up` after everything is made and before it works.",
    source: "package.json, scripts",
    check: azureFile((file, around) =>
      hookRuns(file)
        .flatMap((run) =>
          [...run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map((match) => match[1] ?? ""),
        )
        .filter((name) => !scripts(around).includes(name))
        .map((name) => `A hook runs "npm run ${name}", which isn't there.`),
    ),
  },
  {
    name: "actions-pinned",
    why: "A tag can be moved to other code, as happened to widely used actions in 2025.",
    source: "GitHub, security hardening for Actions",
    check: eachWorkflow(({ text }) =>
      linesWith(text, /^\s*-?\s*uses:/)
        .filter(({ text: line }) => !/uses:\s*(\.\/|[\w./-]+@[0-9a-f]{40}(\s|$))/.test(line))
        .map(({ line }) => ({ line, message: "An action must be pinned by its commit." })),
    ),
  },
  {
    name: "workflow-permissions",
    why: "Without it a workflow's token may do what the repository's default says, today or tomorrow.",
    source: "GitHub, permissions for the GITHUB_TOKEN",
    check: eachWorkflow((workflow) => {
      const permissions = valueAt(workflow.value, "permissions");
      return isRecord(permissions) && !writesMoreThanSignIn(permissions)
        ? []
        : [
            {
              line: 1,
              message: "A workflow must begin by saying that it may read, and at most ask who it is.",
            },
          ];
    }),
  },
  {
    name: "job-permissions",
    why: "What a job may write is what a bad dependency may write.",
    source: "GitHub, permissions for the GITHUB_TOKEN",
    check: eachWorkflow((workflow) =>
      jobsOf(workflow).flatMap(([name, job]) => {
        const permissions = valueAt(job, "permissions");
        return permissions === "write-all" || writesMoreThanSignIn(permissions)
          ? [{ line: 1, message: `The job ${name} may write more than a federated sign-in needs.` }]
          : [];
      }),
    ),
  },
  {
    name: "federated-sign-in",
    why: "A client secret in a repository's settings is a password for the subscription.",
    source: "Azure, workload identity federation for GitHub",
    check: eachWorkflow(({ text }) =>
      linesWith(text, /client-secret|AZURE_CREDENTIALS|AZURE_CLIENT_SECRET|\bcreds:/).map(({ line }) => ({
        line,
        message: "Sign-in must be federated, without a secret.",
      })),
    ),
  },
  {
    name: "no-strangers-code",
    why: "That event runs a stranger's code with the repository's secrets.",
    source: "GitHub Security Lab, preventing pwn requests",
    check: eachWorkflow(({ text }) =>
      linesWith(text, /pull_request_target/).map(({ line }) => ({
        line,
        message: "pull_request_target must not be used.",
      })),
    ),
  },
  {
    name: "no-words-as-code",
    why: "A title or branch's name within ${{ }} of a script is code of the one who chose it.",
    source: "GitHub, script injections",
    check: eachWorkflow(({ text }) =>
      linesWith(
        text,
        /\$\{\{\s*(github\.event\.(issue|pull_request|comment|review|head_commit)|github\.head_ref)/,
      ).map(({ line }) => ({
        line,
        message: "What others wrote must come by a variable of the environment.",
      })),
    ),
  },
  {
    name: "jobs-end",
    why: "A job that hangs is paid for six hours.",
    source: "GitHub, timeout-minutes",
    check: eachWorkflow((workflow) =>
      jobsOf(workflow)
        .filter(
          ([, job]) => isRecord(job) && job["uses"] === undefined && !(Number(job["timeout-minutes"]) > 0),
        )
        .map(([name]) => ({ line: 1, message: `The job ${name} must have an end.` })),
    ),
  },
  {
    name: "checkout-forgets",
    why: "Credentials that stay in the checkout are there for every step after it.",
    source: "actions/checkout, persist-credentials",
    check: eachWorkflow((workflow) =>
      jobsOf(workflow).flatMap(([name, job]) =>
        listAt(job, "steps")
          .filter(
            (step) =>
              textAt(step, "uses").startsWith("actions/checkout@") &&
              valueAt(step, "with.persist-credentials") !== false,
          )
          .map(() => ({ line: 1, message: `The checkout of ${name} must forget its credentials.` })),
      ),
    ),
  },
];
