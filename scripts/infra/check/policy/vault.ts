import { asText } from "../../evaluate/values.ts";
import { at, calls, eachDeployed, equals, made, must, type Rule, valueAt, whenPrivate } from "./rule.ts";

const vault = "key-vault/vault";

export const vaultRules: Rule[] = [
  {
    name: "vault-by-roles",
    why: "Access policies give whole classes of secrets, and no role assignment shows them.",
    source: "Key Vault, migrate to role-based access",
    check: must({
      module: vault,
      path: "enableRbacAuthorization",
      is: equals(true),
      message: "The vault must go by roles.",
    }),
  },
  {
    name: "vault-forgives",
    why: "A secret that was deleted by mistake signs everything that callers hold.",
    source: "Key Vault, soft delete",
    check: must({
      module: vault,
      path: "enableSoftDelete",
      is: equals(true),
      message: "What is deleted from the vault must be recoverable.",
    }),
  },
  {
    name: "vault-not-for-machines",
    why: "Deployments that may read secrets end with secrets in their history.",
    source: "Key Vault, access for template deployment",
    check: (around) =>
      eachDeployed(
        around,
        (shape) => calls(shape, vault),
        (call) =>
          ["enableVaultForDeployment", "enableVaultForTemplateDeployment", "enableVaultForDiskEncryption"]
            .filter((path) => valueAt(call.body, path) !== false)
            .map((path) => at(call, path, `${path} must be off: nobody needs it.`)),
      ),
  },
  {
    name: "no-secrets-in-templates",
    why: "A value that a template knows stands in the deployment's history, for all who may read it.",
    source: "Bicep, manage secrets",
    check: (around) =>
      around.shapes.flatMap((shape) => [
        ...calls(shape, vault)
          .filter(({ body }) => valueAt(body, "secrets") !== undefined || valueAt(body, "keys") !== undefined)
          .map((call) => at(call, "secrets", "Secrets are made after deployment, never by a template.")),
        ...made(shape, "Microsoft.KeyVault/vaults/secrets").map((call) =>
          at(call, "properties.value", "Secrets are made after deployment, never by a template."),
        ),
      ]),
  },
  {
    name: "vault-closed",
    why: "A private deployment whose secrets answer on a public address is not private.",
    source: "Key Vault, private endpoints",
    check: must({
      module: vault,
      path: "publicNetworkAccess",
      is: equals("Disabled"),
      when: whenPrivate,
      message: "The vault must have no public network where private access is chosen.",
    }),
  },
  {
    name: "vault-denies",
    why: "Should the public network be opened by hand, it still lets nobody in.",
    source: "Key Vault, firewall",
    check: must({
      module: vault,
      path: "networkAcls.defaultAction",
      is: equals("Deny"),
      when: whenPrivate,
      message: "The vault must refuse who isn't named where private access is chosen.",
    }),
  },
  {
    name: "vault-name",
    why: "A vault's name has 3 to 24 letters, digits and dashes, which shows at deployment and not before.",
    source: "Naming rules of Azure resources",
    check: must({
      module: vault,
      path: "name",
      is: (value) => /^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/.test(asText(value)),
      message: "The vault's name must be 3 to 24 letters, digits and dashes.",
    }),
  },
];
