import type { Deployment } from "../deployments.ts";
import {
  asText,
  inEach,
  lastName,
  listAt,
  made,
  must,
  rule,
  type Rule,
  valueAt,
  whenPrivate,
  type World,
} from "./rule.ts";

const account = "Microsoft.Storage/storageAccounts";
const container = `${account}/blobServices/containers`;

/** What the code opens by name: `getContainerClient("images")`, `clientOf("jobs")`. */
function openedByCode({ tree }: World, pattern: RegExp): string[] {
  const sources = [...tree].filter(([path]) => path.startsWith("src/")).map(([, text]) => text);
  return [...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, name = ""]) => name)))];
}

/** Whatever the code opens is made. The pattern must find something, or it looks for what the code no longer says. */
function madeForCode(type: string, pattern: RegExp): Rule["check"] {
  return inEach((deployment, world) => {
    const opened = openedByCode(world, pattern);
    const names = made(deployment, type).map(lastName);
    return opened.length === 0
      ? [`no ${type} is opened by the code, as far as ${pattern.source} shows`]
      : opened
          .filter((name) => !names.includes(name))
          .map((name) => `the code opens ${name}, which isn't made`);
  });
}

interface Lifecycle {
  prefixes: string[];
  days: number;
  enabled: boolean;
}

const lifecycles = (deployment: Deployment): Lifecycle[] =>
  made(deployment, `${account}/managementPolicies`)
    .flatMap(({ properties }) => listAt(properties, "policy.rules"))
    .map((each) => ({
      prefixes: listAt(each, "definition.filters.prefixMatch").map(String),
      days: Number(valueAt(each, "definition.actions.baseBlob.delete.daysAfterCreationGreaterThan") ?? NaN),
      enabled: valueAt(each, "enabled") === true,
    }));

const retentionOf = ({ tree }: World) =>
  Number(
    valueAt(JSON.parse(tree.get("infra/main.parameters.json") ?? "{}"), "parameters.retentionDays.value"),
  );

function removedAfter(name: string, fits: (days: number, retentionDays: number) => boolean): Rule["check"] {
  return inEach((deployment, world) => {
    // That a container isn't made at all is for another rule to say.
    if (!made(deployment, container).some((each) => lastName(each) === name)) return [];
    const found = lifecycles(deployment).find(({ prefixes }) => prefixes.includes(`${name}/`));
    return found?.enabled && fits(found.days, retentionOf(world))
      ? []
      : [`no rule in force removes what is past its time in ${name}, and nothing before`];
  });
}

export const storageRules: Rule[] = [
  rule(
    "shared-keys-off",
    "An account's key opens everything in it, to the one who finds it, for as long as nobody rotates it.",
    "Azure Storage, prevent shared key authorization; the module's default is on",
    must(account, "properties.allowSharedKeyAccess", false),
  ),
  rule(
    "portal-signs-in",
    "Without it the portal asks for the keys that are off, and shows people nothing.",
    "Azure Storage, default to Microsoft Entra authorization in the portal",
    must(account, "properties.defaultToOAuthAuthentication", true),
  ),
  rule(
    "no-public-blobs",
    "A container that anybody may list shows every picture anybody ever made.",
    "Azure Storage, anonymous read access",
    must(account, "properties.allowBlobPublicAccess", false),
  ),
  rule(
    "storage-https",
    "A link in the clear is a key in the clear.",
    "Azure Storage, require secure transfer",
    must(account, "properties.supportsHttpsTrafficOnly", true),
  ),
  rule(
    "stays-in-tenant",
    "Object replication to a foreign tenant is a way out for every picture.",
    "Azure Storage, prevent replication across tenants",
    must(account, "properties.allowCrossTenantReplication", false),
  ),
  rule(
    "links-live-a-week",
    "A user-delegation key lives seven days: a link that is to live longer was signed with something else.",
    "Azure Storage, expiration policy of shared access signatures",
    must(account, "properties.sasPolicy.sasExpirationPeriod", (value) =>
      /^([0-6]\.\d\d:\d\d:\d\d|7\.00:00:00)$/.test(asText(value)),
    ),
  ),
  rule(
    "storage-closed",
    "A private deployment that answers on a public address is not private.",
    "Azure Storage, private endpoints",
    must(account, "properties.publicNetworkAccess", "Disabled", whenPrivate),
  ),
  rule(
    "storage-denies",
    "Should the public network be opened by hand, it still lets nobody in.",
    "Azure Storage, network rules",
    must(account, "properties.networkAcls.defaultAction", "Deny", whenPrivate),
  ),
  rule(
    "storage-name",
    "An account's name has 3 to 24 lower-case letters and digits, which shows at deployment and not before.",
    "Naming rules of Azure resources",
    must(account, "name", (value) => /^[a-z0-9]{3,24}$/.test(asText(value))),
  ),
  rule(
    "private-containers",
    "The account's switch can be turned by hand; a container that is private stays so.",
    "Azure Storage, anonymous read access",
    must(container, "properties.publicAccess", "None"),
  ),
  rule(
    "containers-of-the-code",
    "The code's identity may not make containers: one that is missing stops what uses it.",
    "src, by the names it opens",
    madeForCode(container, /(?:getContainerClient\(|blobContainerCleaner\(\w+, |container\()"([a-z-]+)"/g),
  ),
  rule(
    "tables-of-the-code",
    "A table that is missing stops what uses it until the code has made it.",
    "src, by the names it opens",
    madeForCode(`${account}/tableServices/tables`, /clientOf\("([a-z]+)"\)/g),
  ),
  rule(
    "queues-of-the-code",
    "The host polls a queue that isn't there as well, and each look is a warning and a failed span.",
    "src, by the queues that trigger something; seen on Microsoft's host",
    madeForCode(`${account}/queueServices/queues`, /Queue = "([a-z-]+)"/g),
  ),
  rule(
    "uploads-go",
    "What was uploaded and never used is somebody's picture that nobody would ever remove.",
    "docs, RETENTION_DAYS: uploads are kept a day",
    removedAfter("uploads", (days) => days >= 1 && days <= 2),
  ),
  rule(
    "images-go",
    "A rule that is quicker than the app takes pictures that the app still shows; one that is missing keeps them where the app is stopped.",
    "docs, RETENTION_DAYS",
    removedAfter("images", (days, kept) => days > kept && days <= kept + 7),
  ),
  rule(
    "results-go",
    "Results beside the inbox name what people dropped there.",
    "docs, RETENTION_DAYS",
    removedAfter("edit-results", (days, kept) => days >= kept && days <= kept + 7),
  ),
  rule(
    "manifests-go",
    "Manifests name what people dropped, and the prompts of their lines.",
    "docs, RETENTION_DAYS",
    removedAfter("generate-results", (days, kept) => days >= kept && days <= kept + 7),
  ),
  rule(
    "batches-go",
    "A batch's requests hold prompts. A record that goes while its file is looked at would have that read again.",
    "docs, RETENTION_DAYS; src/functions/generate-inbox-scan.ts",
    removedAfter("batches", (days, kept) => days > kept && days <= kept + 7),
  ),
  rule(
    "package-stays",
    "A rule for all containers would one day remove the app itself.",
    "Flex Consumption: the package is run from its container",
    inEach((deployment) =>
      lifecycles(deployment)
        .filter(
          ({ prefixes }) =>
            prefixes.length === 0 ||
            prefixes.some((prefix) => !/^[a-z-]+\//.test(prefix) || prefix.startsWith("app-package")),
        )
        .map(({ prefixes }) => `a rule of removal is for ${prefixes.join() || "all containers"}`),
    ),
  ),
  rule(
    "removed-is-gone",
    "Who deletes a job has it gone at once, as the README says, and not in a week.",
    "docs, DELETE /api/jobs/{id}",
    must(`${account}/blobServices`, "properties.deleteRetentionPolicy.enabled", false),
  ),
];

export const containersOf = (world: World): string[] => [
  ...new Set(world.deployments.flatMap((each) => made(each, container).map(lastName))),
];
