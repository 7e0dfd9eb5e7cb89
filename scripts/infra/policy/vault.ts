import { asText, eachOf, inEach, made, must, rule, type Rule, valueAt, whenPrivate } from "./rule.ts";

const vault = "Microsoft.KeyVault/vaults";

export const vaultRules: Rule[] = [
  rule(
    "vault-by-roles",
    "Access policies give whole classes of secrets, and no role assignment shows them.",
    "Key Vault, migrate to role-based access",
    must(vault, "properties.enableRbacAuthorization", true),
  ),
  rule(
    "vault-forgives",
    "A secret that was deleted by mistake signs everything that callers hold.",
    "Key Vault, soft delete",
    must(vault, "properties.enableSoftDelete", true),
  ),
  rule(
    "vault-not-for-machines",
    "Deployments that may read secrets end with secrets in their history.",
    "Key Vault, access for template deployment",
    eachOf(vault, ({ properties }) =>
      ["enabledForDeployment", "enabledForTemplateDeployment", "enabledForDiskEncryption"]
        .filter((path) => valueAt(properties, path) !== false)
        .map((path) => `${path} must be off: nobody needs it`),
    ),
  ),
  rule(
    "no-secrets-in-templates",
    "A value that a template knows stands in the deployment's history, for all who may read it.",
    "Bicep, manage secrets",
    inEach((deployment) =>
      ["secrets", "keys"]
        .flatMap((kind) => made(deployment, `${vault}/${kind}`))
        .map(({ name }) => `${name} is made by a template, not after deployment`),
    ),
  ),
  rule(
    "vault-closed",
    "A private deployment whose secrets answer on a public address is not private.",
    "Key Vault, private endpoints",
    must(vault, "properties.publicNetworkAccess", "Disabled", whenPrivate),
  ),
  rule(
    "vault-denies",
    "Should the public network be opened by hand, it still lets nobody in.",
    "Key Vault, firewall",
    must(vault, "properties.networkAcls.defaultAction", "Deny", whenPrivate),
  ),
  rule(
    "vault-name",
    "A vault's name has 3 to 24 letters, digits and dashes, which shows at deployment and not before.",
    "Naming rules of Azure resources",
    must(vault, "name", (value) => /^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/.test(asText(value))),
  ),
];
