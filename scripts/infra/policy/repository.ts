import { parse as parseYaml } from "yaml";
import * as z from "zod";
import { inEach, listAt, made, rule, type Rule, textAt, textOf, valueAt, type World } from "./rule.ts";

/** What is asked of azd's file and the workflows; test/contract/deployment.test.ts has what needs no planted defect. */

/** The tests plant one defect after another, nearly always elsewhere than here. */
const parsed = new Map<string, unknown>();
function parse(text: string): unknown {
  if (!parsed.has(text)) parsed.set(text, parseYaml(text));
  return parsed.get(text);
}

const azureYaml = (world: World): unknown => parse(textOf(world, "azure.yaml"));

const services = (world: World): [string, unknown][] =>
  Object.entries(valueAt(azureYaml(world), "services") ?? {});

/** Every `run:` within a hook, or within all hooks of the file. */
function hookRuns(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(hookRuns);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "run" && typeof inner === "string" ? [inner] : hookRuns(inner),
  );
}

const eachService =
  (message: string, fits: (service: unknown) => boolean): Rule["check"] =>
  (world) =>
    services(world)
      .filter(([, service]) => !fits(service))
      .map(([name]) => `azure.yaml: ${name} ${message}`);

const permissions = z.record(z.string(), z.string());

/** A federated sign-in asks for `id-token: write`, and for nothing else that writes. */
function writesMoreThanSignIn(given: unknown): boolean {
  const { data, success } = permissions.safeParse(given);
  return !success || Object.entries(data).some(([key, value]) => value === "write" && key !== "id-token");
}

const eachWorkflow =
  (check: (text: string, workflow: unknown) => string[]): Rule["check"] =>
  ({ tree }) =>
    [...tree]
      .filter(([path]) => path.startsWith(".github/workflows/"))
      .flatMap(([path, text]) => check(text, parse(text)).map((complaint) => `${path}: ${complaint}`));

const jobsOf = (workflow: unknown): [string, unknown][] => Object.entries(valueAt(workflow, "jobs") ?? {});

const forbidden = (pattern: RegExp, message: string) =>
  eachWorkflow((text) => (pattern.test(text) ? [message] : []));

export const repositoryRules: Rule[] = [
  rule(
    "azd-service",
    "azd looks for the resource by the tag of the service's name.",
    "Azure Developer CLI, azure.yaml",
    inEach((deployment, world) =>
      made(deployment, "Microsoft.Web/sites")
        .flatMap(({ tags }) => tags?.["azd-service-name"] ?? [])
        .filter((name) => !services(world).some(([known]) => known === name))
        .map((name) => `azure.yaml names no service ${name}`),
    ),
  ),
  rule(
    "azd-host",
    "Another host is deployed in another way.",
    "Azure Developer CLI, azure.yaml",
    eachService(
      "must be a function app in js or ts",
      (service) =>
        textAt(service, "host") === "function" && ["js", "ts"].includes(textAt(service, "language")),
    ),
  ),
  rule(
    "azd-builds-nothing",
    "The package is made and tested here; the platform would build another.",
    "package.json, npm run package",
    eachService(
      "must not be built again by the platform",
      (service) => valueAt(service, "remoteBuild") === false,
    ),
  ),
  rule(
    "azd-templates",
    "azd must find the templates that are checked here.",
    "Azure Developer CLI, azure.yaml",
    (world) => {
      const { path, module } = (valueAt(azureYaml(world), "infra") ?? {}) as {
        path?: string;
        module?: string;
      };
      return path === "infra" && module === "main" ? [] : ["azure.yaml: infra must be infra/main"];
    },
  ),
  rule(
    "azd-after-deploy",
    "Without it there is no secret and no subscription: an app that refuses to start.",
    "infra/README.md",
    (world) =>
      hookRuns(valueAt(azureYaml(world), "hooks.postdeploy")).length > 0
        ? []
        : ["azure.yaml: there must be a step after deployment"],
  ),
  rule(
    "azd-hooks-exist",
    "A hook that isn't there ends `azd up` after everything is made and before it works.",
    "package.json, scripts",
    (world) => {
      const scripts = Object.keys(
        valueAt(JSON.parse(textOf(world, "package.json") || "{}"), "scripts") ?? {},
      );
      return hookRuns(azureYaml(world))
        .flatMap((run) => [...run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = ""]) => name))
        .filter((name) => !scripts.includes(name))
        .map((name) => `azure.yaml: a hook runs "npm run ${name}", which isn't there`);
    },
  ),
  rule(
    "actions-pinned",
    "A tag can be moved to other code, as happened to widely used actions in 2025.",
    "GitHub, security hardening for Actions",
    eachWorkflow((text) =>
      [...text.matchAll(/^\s*-?\s*uses:\s*(\S+)/gm)]
        .map(([, action = ""]) => action)
        .filter((action) => !/^(\.\/|[\w./-]+@[0-9a-f]{40}$)/.test(action))
        .map((action) => `${action} must be pinned by its commit`),
    ),
  ),
  rule(
    "workflow-permissions",
    "Without it a workflow's token may do what the repository's default says, today or tomorrow.",
    "GitHub, permissions for the GITHUB_TOKEN",
    eachWorkflow((_, workflow) =>
      writesMoreThanSignIn(valueAt(workflow, "permissions"))
        ? ["it must begin by saying that it may read, and at most ask who it is"]
        : [],
    ),
  ),
  rule(
    "job-permissions",
    "What a job may write is what a bad dependency may write.",
    "GitHub, permissions for the GITHUB_TOKEN",
    eachWorkflow((_, workflow) =>
      jobsOf(workflow)
        .filter(([, job]) => {
          const given = valueAt(job, "permissions");
          return given !== undefined && writesMoreThanSignIn(given);
        })
        .map(([name]) => `the job ${name} may write more than a federated sign-in needs`),
    ),
  ),
  rule(
    "federated-sign-in",
    "A client secret in a repository's settings is a password for the subscription.",
    "Azure, workload identity federation for GitHub",
    forbidden(/client-secret|AZURE_CREDENTIALS|AZURE_CLIENT_SECRET|\bcreds:/, "sign-in must be federated"),
  ),
  rule(
    "no-strangers-code",
    "That event runs a stranger's code with the repository's secrets.",
    "GitHub Security Lab, preventing pwn requests",
    forbidden(/pull_request_target/, "pull_request_target must not be used"),
  ),
  rule(
    "no-words-as-code",
    "A title or branch's name within ${{ }} of a script is code of the one who chose it.",
    "GitHub, script injections",
    forbidden(
      /\$\{\{\s*(github\.event\.(issue|pull_request|comment|review|head_commit)|github\.head_ref)/,
      "what others wrote must come by a variable of the environment",
    ),
  ),
  rule(
    "jobs-end",
    "A job that hangs is paid for six hours.",
    "GitHub, timeout-minutes",
    eachWorkflow((_, workflow) =>
      jobsOf(workflow)
        .filter(([, job]) => !(Number(valueAt(job, "timeout-minutes")) > 0))
        .map(([name]) => `the job ${name} must have an end`),
    ),
  ),
  rule(
    "checkout-forgets",
    "Credentials that stay in the checkout are there for every step after it.",
    "actions/checkout, persist-credentials",
    eachWorkflow((_, workflow) =>
      jobsOf(workflow).flatMap(([name, job]) =>
        listAt(job, "steps")
          .filter((step) => textAt(step, "uses").startsWith("actions/checkout@"))
          .filter((step) => valueAt(step, "with.persist-credentials") !== false)
          .map(() => `the checkout of ${name} must forget its credentials`),
      ),
    ),
  ),
];
