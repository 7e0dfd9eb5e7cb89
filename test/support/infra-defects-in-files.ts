import type { Defect } from "./infra-defects.ts";

const main = "infra/main.bicep";
const app = "infra/modules/app.bicep";
const subscription = "infra/subscription.bicep";
const workflow = ".github/workflows/deploy.yml";

export const formDefects: Defect[] = [
  ["syntax", "a brace that isn't closed", app, "siteConfig: {", "siteConfig: "],
  [
    "syntax",
    "a string that isn't closed",
    main,
    "param access string = 'public'",
    "param access string = 'public",
  ],
  [
    "syntax",
    "two properties with nothing between",
    main,
    "  name: 'identities'\n  scope: group",
    "  name: 'identities' scope: group",
  ],
  [
    "grammar",
    "what our own parser takes and the grammar doesn't",
    main,
    "var isPrivate = access == 'private'",
    "var isPrivate = { ...{ it: access == 'private' } }.it",
  ],
  ["function", "a function that isn't known", main, "toLower(uniqueString(", "toLower(uniqueText("],
  [
    "evaluate",
    "a name that there is not",
    main,
    "var address = 'https://${app.outputs.hostname}'",
    "var address = 'https://${application.outputs.hostname}'",
  ],
  [
    "evaluate",
    "an output that there is not",
    main,
    "storage.outputs.inboxContainer",
    "storage.outputs.inbox",
  ],
  [
    "evaluate",
    "something of what isn't deployed",
    main,
    "isPrivate ? network!.outputs.appSubnetId : ''",
    "network!.outputs.appSubnetId",
  ],
  ["file", "a template that there is not", main, "'modules/workbook.bicep'", "'modules/dashboard.bicep'"],
  ["file", "a text that there is not", "infra/modules/workbook.bicep", "'workbook.json'", "'book.json'"],
  [
    "scope",
    "a module for another scope",
    "infra/modules/identity.bicep",
    "import { identityType }",
    "targetScope = 'subscription'\nimport { identityType }",
  ],
];

export const templateDefects: Defect[] = [
  [
    "policy:no-keys",
    "keys of the account",
    "infra/modules/storage.bicep",
    "output packageContainer string = containers.package",
    "var keys = listKeys(account.outputs.resourceId, '2025-06-01')\noutput packageContainer string = empty(keys) ? '' : containers.package",
  ],
  [
    "policy:outputs-hold-no-secret",
    "a secret that is told",
    subscription,
    "resource storageAccount '",
    "output told string = blobsExtensionKey\n\nresource storageAccount '",
  ],
  ["policy:secrets-are-secure", "a secret that is shown", subscription, "@secure()\n", ""],
  [
    "policy:secrets-in-no-module",
    "a key in the history of deployments",
    subscription,
    "resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {",
    `module kept 'br/public:avm/res/insights/action-group:0.8.0' = {
  params: { name: blobsExtensionKey, groupShortName: 'kept', enableTelemetry: false }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {`,
  ],
  [
    "policy:no-secret-defaults",
    "a secret in the repository",
    subscription,
    "param blobsExtensionKey string",
    "param blobsExtensionKey string = 'abc123'",
  ],
  [
    "policy:modules-pinned",
    "a module of whatever version",
    "infra/modules/events.bicep",
    "system-topic:0.7.0",
    "system-topic:latest",
  ],
  [
    "policy:one-version-each",
    "two versions of one module",
    app,
    "module site '",
    "module other 'br/public:avm/res/web/serverfarm:0.6.0' = if (false) {\n  params: { name: 'x', enableTelemetry: false }\n}\n\nmodule site '",
  ],
  [
    "policy:modules-tell-nobody",
    "a module that reports its use",
    app,
    "    enableTelemetry: false\n    kind: 'functionapp'",
    "    kind: 'functionapp'",
  ],
  [
    "policy:no-preview-versions",
    "a preview",
    "infra/modules/workbook.bicep",
    "resource workbook '",
    "resource draft 'Microsoft.Insights/workbooks@2023-06-01-preview' = if (false) {\n  name: 'draft'\n}\n\nresource workbook '",
  ],
  [
    "policy:environment-tag",
    "a tag that azd doesn't know",
    main,
    "'azd-env-name': environmentName",
    "'azd-environment': environmentName",
  ],
  [
    "policy:main-for-subscription",
    "a template for another scope",
    main,
    "targetScope = 'subscription'",
    "targetScope = 'managementGroup'",
  ],
  [
    "policy:group-is-made",
    "a group that somebody else must make",
    main,
    "resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {",
    "resource group 'Microsoft.Resources/resourceGroups@2024-11-01' existing = {",
  ],
  [
    "policy:main-outputs",
    "an output that is forgotten",
    main,
    "output EVENT_TOPIC_NAME",
    "output TOPIC_NAME",
  ],
  [
    "policy:outputs-have-values",
    "an output that is empty in one shape",
    main,
    "output KEY_VAULT_NAME string = vault.outputs.name",
    "output KEY_VAULT_NAME string = isPrivate ? '' : vault.outputs.name",
  ],
  [
    "policy:parameters-described",
    "a parameter without a word",
    main,
    "@description('Where jobs under way are kept.')\n",
    "",
  ],
  ["policy:choices-are-closed", "a choice of anything", main, "@allowed(['public', 'private'])\n", ""],
  ["policy:retention-in-bounds", "more days than the app takes", main, "@maxValue(3650)", "@maxValue(9999)"],
  [
    "policy:nothing-unused",
    "half of a change",
    main,
    "var isPrivate = ",
    "var isOpen = access == 'public'\nvar isPrivate = ",
  ],
  [
    "policy:clouds-by-name",
    "one cloud's host",
    "infra/modules/network.bicep",
    "'privatelink.blob.${environment().suffixes.storage}'",
    "'privatelink.blob.core.windows.net'",
  ],
  [
    "policy:regions-by-parameter",
    "a region written down",
    "infra/modules/workbook.bicep",
    "  location: location\n",
    "  location: empty(location) ? '' : 'westeurope'\n",
  ],
];

export const repositoryDefects: Defect[] = [
  ["policy:azd-host", "another host", "azure.yaml", "host: function", "host: appservice"],
  [
    "policy:azd-builds-nothing",
    "a build by the platform",
    "azure.yaml",
    "remoteBuild: false",
    "remoteBuild: true",
  ],
  ["policy:azd-templates", "other templates", "azure.yaml", "module: main", "module: site"],
  ["policy:azd-after-deploy", "nothing after deployment", "azure.yaml", "  postdeploy:", "  predown:"],
  [
    "policy:azd-hooks-exist",
    "a hook that isn't there",
    "azure.yaml",
    "run: npm run --silent package:azd",
    "run: npm run --silent pack:azd",
  ],
  [
    "policy:actions-pinned",
    "an action by its tag",
    workflow,
    "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
    "actions/checkout@v7",
  ],
  [
    "policy:workflow-permissions",
    "no word on permissions",
    ".github/workflows/ci.yml",
    "permissions:\n  contents: read\n",
    "",
  ],
  [
    "policy:workflow-permissions",
    "a workflow that writes",
    ".github/workflows/ci.yml",
    "permissions:\n  contents: read",
    "permissions:\n  contents: write",
  ],
  [
    "policy:job-permissions",
    "a job that writes",
    workflow,
    "    timeout-minutes: 60\n",
    "    timeout-minutes: 60\n    permissions: write-all\n",
  ],
  [
    "policy:federated-sign-in",
    "a password for the subscription",
    workflow,
    "          client-id: ",
    "          client-secret: ${{ vars.SECRET }}\n          client-id: ",
  ],
  [
    "policy:no-strangers-code",
    "a stranger's code",
    ".github/workflows/ci.yml",
    "  pull_request:",
    "  pull_request_target:",
  ],
  [
    "policy:no-words-as-code",
    "a stranger's words as code",
    ".github/workflows/ci.yml",
    "      - run: .ci/run",
    "      - run: .ci/run ${{ github.head_ref }}",
  ],
  ["policy:jobs-end", "a job without an end", workflow, "    timeout-minutes: 60\n", ""],
  [
    "policy:checkout-forgets",
    "a checkout that remembers",
    workflow,
    "persist-credentials: false",
    "persist-credentials: true",
  ],
];
