import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseDocument } from "yaml";
import * as z from "zod";
import { azureEndpoints } from "../../src/dialects/azure/endpoints.ts";
import type { OperationDeps } from "../../src/dialects/azure/operations.ts";
import type { EditDeps } from "../../src/dialects/openai/edits.ts";
import { openAiEndpoints } from "../../src/dialects/openai/endpoints.ts";

/** What is asked of workflows, azure.yaml and host.json, some of it by the rules in scripts/infra/policy as well. */

const read = (path: string) => readFileSync(path, "utf8");

const step = z.looseObject({ uses: z.string().optional(), run: z.string().optional() });
const permissions = z.record(z.string(), z.enum(["read", "write", "none"]));
const job = z.looseObject({ "runs-on": z.string(), "timeout-minutes": z.int(), steps: z.array(step) });
const workflow = z.looseObject({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions,
  jobs: z.record(z.string(), job),
});

const folder = ".github/workflows";
const names = readdirSync(folder);
const stepsOf = (name: string) =>
  Object.values(workflow.parse(parse(read(`${folder}/${name}`))).jobs).flatMap(({ steps }) => steps);

describe.each(names)("workflow %s", (name) => {
  const text = read(`${folder}/${name}`);

  it("is YAML in the form of a workflow, and says what it may do", () => {
    expect(parseDocument(text).errors).toEqual([]);
    expect(workflow.safeParse(parse(text)).error?.issues).toBeUndefined();
  });

  it("may write nothing; only a deployment may ask who it is", () => {
    const { permissions: granted } = workflow.parse(parse(text));
    const writes = Object.keys(granted).filter((scope) => granted[scope] === "write");
    expect(writes).toEqual(name === "azure-dev.yml" ? ["id-token"] : []);
  });

  it("names every action by a commit, which nobody can move, and says which version that is", () => {
    const used = [...text.matchAll(/uses:\s*(\S+)(.*)$/gm)];
    expect(used).not.toEqual([]);
    for (const [line, action, comment] of used) {
      expect(action, line).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      expect(comment, line).toMatch(/^ # v\d+/);
    }
  });

  it("puts nothing that others wrote into a command line", () => {
    for (const { run = "" } of stepsOf(name)) expect(run).not.toContain("${{");
  });

  it("needs no secret", () => {
    expect(text).not.toContain("secrets.");
    expect(text).not.toContain("pull_request_target");
  });
});

describe("azure.yaml", () => {
  const hook = z.object({
    posix: z.looseObject({ run: z.string() }),
    windows: z.looseObject({ run: z.string() }),
  });
  const project = z
    .looseObject({
      services: z.record(z.string(), z.looseObject({ dist: z.string(), hooks: z.record(z.string(), hook) })),
      hooks: z.record(z.string(), hook),
    })
    .parse(parse(read("azure.yaml")));
  const { scripts } = z
    .looseObject({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read("package.json")));

  const hooks = [project, ...Object.values(project.services)].flatMap((each) => Object.values(each.hooks));

  it("does the same on every system", () => {
    for (const { posix, windows } of hooks) expect(windows.run).toBe(posix.run);
  });

  it("runs nothing that isn't there", () => {
    for (const { posix } of hooks) expect(scripts).toHaveProperty([posix.run.split(" ").at(-1) ?? ""]);
  });

  it("deploys the folder that its own step before packaging fills", () => {
    const service = project.services["darkroom"]!;
    const script = service.hooks["prepackage"]?.posix.run.split(" ").at(-1) ?? "";
    const [, file = ""] = /(scripts\/deploy\/\S+)$/.exec(scripts[script] ?? "") ?? [];
    expect(read(file)).toContain(`"${service.dist}"`);
  });

  it("tags the app as the templates do", () => {
    expect(read("infra/modules/app.bicep")).toContain(
      `'azd-service-name': '${Object.keys(project.services)[0]}'`,
    );
  });
});

describe("host.json", () => {
  const { extensions, logging } = z
    .looseObject({
      extensions: z.looseObject({ durableTask: z.looseObject({}) }),
      logging: z.looseObject({ logLevel: z.record(z.string(), z.string()) }),
    })
    .parse(JSON.parse(read("host.json")));

  it("lets no log through but the host's and ours, so that an idle app writes none", () => {
    // Without `default` the host lets through the categories that it knows as its own and those of functions (HOST
    // ScriptConstants.SystemLogCategoryPrefixes), and each prefix that is named here. A `default` takes the place of that
    // filter for everything: on Microsoft's host the Azure SDK then wrote 472 entries a minute, idle.
    const known = /^(Host|Function|Worker|Microsoft\.Azure\.WebJobs|DurableTask)(\.|$)/;
    expect(Object.keys(logging.logLevel).filter((category) => !known.test(category))).toEqual([]);
    // Of these the host wouldn't let through the last by itself, and no more of it than is wrong.
    expect(logging.logLevel["DurableTask"]).toBe("Warning");
  });

  it("hears of those who wait for pictures from us alone: for the host each that leaves is a failure with a stack trace", () => {
    // No endpoint is called: their names are asked for.
    const deps = {} as EditDeps & OperationDeps;
    const dialects = [...openAiEndpoints(deps), ...azureEndpoints(deps)];
    const waiting = dialects.filter(({ route }) => /\/images\/(generations|edits|variations)$/.test(route));
    expect(waiting).toHaveLength(10);
    for (const name of ["job-events-get", ...waiting.map((endpoint) => endpoint.name)])
      expect(logging.logLevel).toMatchObject({
        [`Function.${name}`]: "None",
        [`Function.${name}.User`]: "Information",
      });
  });

  it("gives work of a crashed instance to another after a minute", () => {
    // The extension's own five minutes are what each job of a crashed instance would wait.
    expect(extensions.durableTask).toMatchObject({
      storageProvider: {
        workItemQueueVisibilityTimeout: "00:01:00",
        controlQueueVisibilityTimeout: "00:01:00",
      },
    });
  });

  it("leaves no durable limit to a default that differs from plan to plan", () => {
    expect(extensions.durableTask).toMatchObject({
      maxConcurrentActivityFunctions: expect.any(Number) as number,
      maxConcurrentOrchestratorFunctions: expect.any(Number) as number,
      storageProvider: {
        partitionCount: expect.any(Number) as number,
        controlQueueBatchSize: expect.any(Number) as number,
        controlQueueBufferThreshold: expect.any(Number) as number,
      },
    });
  });

  it("never shows in Durable's own status what a job was asked", () => {
    expect(extensions.durableTask).toMatchObject({ tracing: { traceInputsAndOutputs: false } });
  });

  it("names the task hub that the templates make", () => {
    const { hubName } = z.looseObject({ hubName: z.string() }).parse(extensions.durableTask);
    expect(read("infra/modules/scheduler.bicep")).toContain(`name: '${hubName}'`);
  });
});
