import { bodyObject } from "../../bicep/parse.ts";
import { type Expression, within } from "../../bicep/syntax.ts";
import { decorated, eachFile, expressionsOf } from "./bicep-files.ts";
import { at, type Rule, valueAt } from "./rule.ts";

const hosts = /core\.windows\.net|management\.azure\.com/;

/** What stands in a string as it is written, without what is put into it. */
function textsIn(expression: Expression): string[] {
  if (expression.kind === "text") return expression.parts.filter((part) => typeof part === "string");
  return expression.kind === "literal" && typeof expression.value === "string" ? [expression.value] : [];
}

export const templateRules: Rule[] = [
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
    name: "nothing-unused",
    why: "What nothing uses is a request that nobody grants, most often half of a change.",
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
          .filter((each) => textsIn(each).some((text) => hosts.test(text)))
          .map(({ line }) => ({ line, message: "The host must come from environment()." })),
      ),
  },
  {
    name: "regions-by-parameter",
    why: "A region written down is where somebody else's data may not be.",
    source: "Bicep linter, no-hardcoded-location",
    check: (around) =>
      eachFile(around, (file) =>
        [...file.resources, ...file.modules]
          .flatMap(({ body }) => [...within(bodyObject(body))])
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
];
