import { bodyObject } from "../../bicep/parse.ts";
import { type BicepFile, type Expression, within } from "../../bicep/syntax.ts";
import { asText } from "../../evaluate/values.ts";
import { mainTemplate } from "../../shapes.ts";
import { at, type Around, missing, type Place, type Rule, textAt, valueAt } from "./rule.ts";

const secretName = /(secret|password|passwd|apikey|accesskey|extensionkey|signingkey|sastoken)s?$/i;
const secretMember =
  /^(primaryKey|secondaryKey|primaryAccessKey|primaryConnectionString|secondaryConnectionString|key1|key2|sasToken|secretValue)$/i;

function eachFile(around: Around, check: (file: BicepFile) => { line: number; message: string }[]): Place[] {
  return around.files.flatMap((file) => check(file).map((found) => ({ file: file.path, ...found })));
}

function expressionsOf(file: BicepFile): Expression[] {
  const starts = [
    ...file.parameters.flatMap(({ value }) => (value ? [value] : [])),
    ...[...file.variables, ...file.outputs].map(({ value }) => value),
    ...[...file.resources, ...file.modules, ...file.functions].map(({ body }) => body),
  ];
  return starts.flatMap((start) => [...within(start)]);
}

const decorated = ({ decorators }: { decorators: { name: string }[] }, name: string) =>
  decorators.some((each) => each.name === name);

const neededOutputs = [
  "AZURE_RESOURCE_GROUP",
  "FUNCTION_APP_NAME",
  "DARKROOM_URL",
  "STORAGE_ACCOUNT_NAME",
  "KEY_VAULT_NAME",
  "EVENT_TOPIC_NAME",
  "DEAD_LETTER_CONTAINER",
  "INBOX_CONTAINER",
];

export const templateRules: Rule[] = [
  {
    name: "no-keys",
    why: "What listKeys answers ends in a setting, an output or the deployment's history.",
    source: "Bicep linter, outputs-should-not-contain-secrets",
    check: (around) =>
      eachFile(around, (file) =>
        expressionsOf(file)
          .filter((each) => each.kind === "call" && /^list([A-Z]\w*)?$/.test(each.name))
          .map(({ line }) => ({ line, message: "Templates must ask for no keys." })),
      ),
  },
  {
    name: "outputs-hold-no-secret",
    why: "Outputs stand in the deployment's history, and azd writes them to a file.",
    source: "Bicep linter, outputs-should-not-contain-secrets",
    check: (around) =>
      eachFile(around, (file) =>
        file.outputs
          .filter(({ name, value }) => {
            const secure = file.parameters
              .filter((each) => decorated(each, "secure"))
              .map((each) => each.name);
            const leaks = [...within(value)].some(
              (each) =>
                (each.kind === "member" && secretMember.test(each.property)) ||
                (each.kind === "name" && secure.includes(each.name)),
            );
            return leaks || secretName.test(name);
          })
          .map(({ line, name }) => ({ line, message: `${name} must not be an output.` })),
      ),
  },
  {
    name: "secrets-are-secure",
    why: "A parameter that isn't marked is shown in the portal, and kept in the deployment's history.",
    source: "Bicep linter, secure-secrets-in-params",
    check: (around) =>
      eachFile(around, (file) =>
        file.parameters
          .filter((each) => secretName.test(each.name) && !decorated(each, "secure"))
          .map(({ line, name }) => ({ line, message: `${name} must be marked @secure().` })),
      ),
  },
  {
    name: "secrets-in-no-module",
    why: "What a published module is given is kept in the deployment's history, whatever it was marked as before.",
    source: "Azure Resource Manager, deployment history",
    check: (around) =>
      eachFile(around, (file) => {
        const secure = file.parameters.filter((each) => decorated(each, "secure")).map(({ name }) => name);
        return file.modules
          .filter(({ source }) => source.startsWith("br/"))
          .flatMap(({ body }) => [...within(body)])
          .flatMap((each) => (each.kind === "name" && secure.includes(each.name) ? [each] : []))
          .map(({ line, name }) => ({ line, message: `${name} must not be handed to a module.` }));
      }),
  },
  {
    name: "no-secret-defaults",
    why: "A secret with a default is a secret in the repository.",
    source: "Bicep linter, secure-parameter-default",
    check: (around) =>
      eachFile(around, (file) =>
        file.parameters
          .filter(
            (each) =>
              decorated(each, "secure") &&
              each.value !== undefined &&
              !(each.value.kind === "literal" && each.value.value === ""),
          )
          .map(({ line, name }) => ({ line, message: `${name} must have no default.` })),
      ),
  },
  {
    name: "modules-pinned",
    why: "A version that moves makes tomorrow's deployment another than the one that was tried.",
    source: "Azure Verified Modules, versioning",
    check: (around) =>
      eachFile(around, (file) =>
        file.modules
          .filter(
            ({ source }) =>
              source.startsWith("br") && !/^br\/public:avm\/[a-z0-9/-]+:\d+\.\d+\.\d+$/.test(source),
          )
          .map(({ line, source }) => ({
            line,
            message: `${source} must be a verified module of one exact version.`,
          })),
      ),
  },
  {
    name: "one-version-each",
    why: "Two versions of a module are two sets of habits to know.",
    source: "Azure Verified Modules, versioning",
    check: (around) => {
      const sources = [
        ...new Set(around.files.flatMap(({ modules }) => modules.map(({ source }) => source))),
      ];
      return eachFile(around, (file) =>
        file.modules
          .filter(
            ({ source }) =>
              source.startsWith("br/") &&
              sources.some(
                (other) => other !== source && other.replace(/:[^:]*$/, "") === source.replace(/:[^:]*$/, ""),
              ),
          )
          .map(({ line, source }) => ({ line, message: `${source} is used in another version as well.` })),
      );
    },
  },
  {
    name: "modules-tell-nobody",
    why: "Modules report their use to Microsoft by an extra deployment, unless told not to.",
    source: "Azure Verified Modules, telemetry",
    check: ({ shapes }) =>
      shapes.flatMap(({ deployed }) =>
        deployed
          .filter(({ kind, body }) => kind === "module" && body["enableTelemetry"] !== false)
          .map((call) =>
            at(
              call,
              "enableTelemetry",
              `${call.type.split("/").slice(3).join("/")} must not report its use.`,
            ),
          ),
      ),
  },
  {
    name: "no-preview-versions",
    why: "A preview's shape changes without notice, and its support ends within a year.",
    source: "Bicep linter, use-recent-api-versions",
    check: (around) =>
      eachFile(around, (file) =>
        file.resources
          .filter(({ apiVersion }) => apiVersion.endsWith("-preview"))
          .map(({ line, type, apiVersion }) => ({ line, message: `${type}@${apiVersion} is a preview.` })),
      ),
  },
  {
    name: "environment-tag",
    why: "By this tag azd finds what belongs to an environment, and `azd down` removes it.",
    source: "Azure Developer CLI, azd-env-name",
    check: ({ shapes }) =>
      shapes.flatMap(({ deployed, given }) =>
        deployed
          .filter(
            ({ type, existing }) =>
              !existing &&
              (type === "Microsoft.Resources/resourceGroups" ||
                type.endsWith("web/site") ||
                type.endsWith("storage/storage-account")),
          )
          .filter(({ body }) => valueAt(body, "tags.azd-env-name") !== given["environmentName"])
          .map((each) => at(each, "tags", "It must have the tag azd-env-name.")),
      ),
  },
  {
    name: "main-for-subscription",
    why: "azd deploys to a subscription, where the resource group is made as well.",
    source: "Azure Developer CLI, Bicep",
    check: ({ files }) =>
      files
        .filter(({ path, targetScope }) => path === mainTemplate && targetScope !== "subscription")
        .map(() => missing("main.bicep must be for a subscription.")),
  },
  {
    name: "main-outputs",
    why: "What the step after deployment reads must be told.",
    source: "azure.yaml, hooks",
    check: ({ files }) =>
      files
        .filter(({ path }) => path === mainTemplate)
        .flatMap(({ outputs }) =>
          neededOutputs
            .filter((wanted) => !outputs.some(({ name }) => name === wanted))
            .map((wanted) => missing(`There must be an output ${wanted}.`)),
        ),
  },
  {
    name: "outputs-have-values",
    why: "An output that is empty in some shape stops the step after deployment there.",
    source: "azure.yaml, hooks",
    check: ({ shapes }) =>
      shapes.flatMap(({ name, outputs }) =>
        neededOutputs
          .filter((wanted) => wanted in outputs && asText(outputs[wanted] ?? null) === "")
          .map((wanted) => missing(`${wanted} is empty (${name}).`)),
      ),
  },
  {
    name: "parameters-described",
    why: "Who deploys reads these words and nothing else.",
    source: "Azure Verified Modules, parameter descriptions",
    check: ({ files }) =>
      files
        .filter(({ path }) => path === mainTemplate)
        .flatMap(({ parameters }) =>
          parameters
            .filter((each) => !decorated(each, "description"))
            .map(({ line, name }) => ({ file: mainTemplate, line, message: `${name} must be described.` })),
        ),
  },
  {
    name: "choices-are-closed",
    why: "A misspelt choice would fall to the other branch, silently.",
    source: "Bicep, allowed values",
    check: ({ files }) =>
      files
        .filter(({ path }) => path === mainTemplate)
        .flatMap(({ parameters }) =>
          parameters
            .filter(({ name }) => ["access", "durableBackend", "instanceMemoryMB"].includes(name))
            .filter((each) => !decorated(each, "allowed") && each.type.kind !== "union")
            .map(({ line, name }) => ({
              file: mainTemplate,
              line,
              message: `The choices of ${name} must be told.`,
            })),
        ),
  },
  {
    name: "retention-in-bounds",
    why: "A number that the app refuses is an app that doesn't start.",
    source: "src/config.ts, RETENTION_DAYS",
    check: ({ files, tree }) => {
      const bounds = /"RETENTION_DAYS", \{[^}]*minimum: ([\d_]+), maximum: ([\d_]+)/.exec(
        tree.get("src/config.ts") ?? "",
      );
      const [least, most] = [bounds?.[1], bounds?.[2]].map((text) => Number((text ?? "").replace("_", "")));
      return files
        .filter(({ path }) => path === mainTemplate)
        .flatMap(({ parameters }) => parameters.filter(({ name }) => name === "retentionDays"))
        .filter(({ decorators }) => {
          const said = (name: string) => {
            const value = decorators.find((each) => each.name === name)?.arguments[0];
            return value?.kind === "literal" ? value.value : undefined;
          };
          return said("minValue") !== least || said("maxValue") !== most;
        })
        .map(({ line }) => ({
          file: mainTemplate,
          line,
          message: `retentionDays must be ${least} to ${most}, as the app has it.`,
        }));
    },
  },
  {
    name: "nothing-unused",
    why: "What nothing uses is a wish that nobody grants, most often half of a change.",
    source: "Bicep linter, no-unused-params and no-unused-vars",
    check: (around) =>
      eachFile(around, (file) => {
        const used = new Set(
          expressionsOf(file).flatMap((each) => (each.kind === "name" ? [each.name] : [])),
        );
        return [...file.parameters, ...file.variables.filter((each) => !decorated(each, "export"))]
          .filter(({ name }) => !used.has(name))
          .map(({ line, name }) => ({ line, message: `Nothing uses ${name}.` }));
      }),
  },
  {
    name: "clouds-by-name",
    why: "Hosts written down are those of one cloud.",
    source: "Bicep linter, no-hardcoded-env-urls",
    check: (around) =>
      eachFile(around, (file) =>
        expressionsOf(file)
          .filter(
            (each) =>
              (each.kind === "literal" &&
                typeof each.value === "string" &&
                /core\.windows\.net|management\.azure\.com/.test(each.value)) ||
              (each.kind === "text" &&
                each.parts.some(
                  (part) =>
                    typeof part === "string" && /core\.windows\.net|management\.azure\.com/.test(part),
                )),
          )
          .map(({ line }) => ({ line, message: "The host must come from environment()." })),
      ),
  },
  {
    name: "regions-by-parameter",
    why: "A region written down is where somebody else's data may not be.",
    source: "Bicep linter, no-hardcoded-location",
    check: (around) =>
      eachFile(around, (file) =>
        [
          ...file.resources.map(({ body }) => bodyObject(body)),
          ...file.modules.map(({ body }) => bodyObject(body)),
        ]
          .flatMap((body) => [...within(body)])
          .flatMap((each) => (each.kind === "object" ? each.properties : []))
          .filter(({ name }) => name === "location")
          .filter(({ value }) =>
            [...within(value)].some(
              (each) => each.kind === "literal" && !["global", ""].includes(String(each.value)),
            ),
          )
          .map(({ line }) => ({ line, message: "The region must be a parameter." })),
      ),
  },
  {
    name: "group-is-made",
    why: "azd makes no group for templates that are for a subscription.",
    source: "Azure Developer CLI, Bicep",
    check: ({ shapes }) =>
      shapes
        .filter(
          ({ deployed }) =>
            !deployed.some(
              ({ type, body, existing }) =>
                !existing && type === "Microsoft.Resources/resourceGroups" && textAt(body, "location") !== "",
            ),
        )
        .map(() => missing("main.bicep must make the resource group.")),
  },
];
