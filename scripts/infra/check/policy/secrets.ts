import { type BicepFile, within } from "../../bicep/syntax.ts";
import { decorated, eachFile, expressionsOf } from "./bicep-files.ts";
import type { Rule } from "./rule.ts";

const secretName = /(secret|password|passwd|apikey|accesskey|extensionkey|signingkey|sastoken)s?$/i;
const secretMember =
  /^(primaryKey|secondaryKey|primaryAccessKey|primaryConnectionString|secondaryConnectionString|key1|key2|sasToken|secretValue)$/i;

/** Names of the parameters that are marked as secret. */
const secureIn = (file: BicepFile) =>
  file.parameters.filter((each) => decorated(each, "secure")).map(({ name }) => name);

export const secretRules: Rule[] = [
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
            const secure = secureIn(file);
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
        const secure = secureIn(file);
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
];
