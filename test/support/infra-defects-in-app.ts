import type { Defect } from "./infra-defects.ts";

const main = "infra/main.bicep";
const app = "infra/modules/app.bicep";
const subscription = "infra/subscription.bicep";
const roles = "infra/modules/roles.bicep";
const storage = "infra/modules/storage.bicep";
const setting = "  RETENTION_DAYS: string(retentionDays)\n";

export const appDefects: Defect[] = [
  ["policy:app-https", "plain http", app, "httpsOnly: true", "httpsOnly: false"],
  ["policy:app-tls", "TLS 1.0", app, "  minTlsVersion: '1.2'", "  minTlsVersion: '1.0'"],
  [
    "policy:user-assigned-identity",
    "an identity that comes too late",
    app,
    "{ userAssignedResourceIds: [hostIdentity.resourceId, dataIdentity.resourceId] }",
    "{ systemAssigned: true }",
  ],
  [
    "policy:service-tag",
    "an app that azd doesn't find",
    app,
    "union(tags, { 'azd-service-name': 'darkroom' })",
    "tags",
  ],
  ["policy:app-no-ftp", "FTP", app, "ftpsState: 'Disabled'", "ftpsState: 'AllAllowed'"],
  [
    "policy:app-no-passwords",
    "publishing by password",
    app,
    "{ name: 'scm', allow: false }",
    "{ name: 'scm', allow: true }",
  ],
  ["policy:no-wildcard-cors", "every origin", app, "allowedOrigins: []", "allowedOrigins: ['*']"],
  [
    "policy:no-wildcard-cors",
    "an origin by pattern",
    app,
    "allowedOrigins: []",
    "allowedOrigins: ['https://*.example.com']",
  ],
  [
    "policy:cors-without-credentials",
    "cookies across origins",
    app,
    "supportCredentials: false",
    "supportCredentials: true",
  ],
  ["policy:flex-plan", "another plan", app, "skuName: 'FC1'", "skuName: 'Y1'"],
  ["policy:node-22", "Node 20", app, "version: '22'", "version: '20'"],
  ["policy:linux-app", "Windows", app, "kind: 'functionapp,linux'", "kind: 'functionapp'"],
  [
    "policy:package-by-identity",
    "a package by connection string",
    app,
    "type: 'UserAssignedIdentity'",
    "type: 'StorageAccountConnectionString'",
  ],
  [
    "policy:vault-identity",
    "references followed by nobody",
    app,
    "keyVaultAccessIdentityResourceId: hostIdentity.resourceId",
    "keyVaultAccessIdentityResourceId: plan.outputs.resourceId",
  ],
  [
    "policy:durable-always-ready",
    "nobody awake for durable work",
    "infra/main.parameters.json",
    '"name": "durable", "instanceCount": 1',
    '"name": "http", "instanceCount": 1',
  ],
  [
    "policy:scale-has-an-end",
    "no end of instances",
    app,
    "maximumInstanceCount: maximumInstances",
    "maximumInstanceCount: maximumInstances * 1000",
  ],
  [
    "policy:app-in-network",
    "an app outside its network",
    main,
    "appSubnetId: isPrivate ? network!.outputs.appSubnetId : ''",
    "appSubnetId: ''",
  ],
  [
    "policy:azd-service",
    "a tag of no service",
    app,
    "'azd-service-name': 'darkroom'",
    "'azd-service-name': 'api'",
  ],
  [
    "module:unknown-property",
    "a misspelt part of the site",
    app,
    "http20Enabled: true",
    "http2Enabled: true",
  ],
];

export const settingsDefects: Defect[] = [
  [
    "policy:flex-settings",
    "a setting that Flex has not",
    app,
    setting,
    `${setting}  FUNCTIONS_WORKER_RUNTIME: 'node'\n`,
  ],
  [
    "policy:flex-settings",
    "a build by the platform",
    app,
    setting,
    `${setting}  SCM_DO_BUILD_DURING_DEPLOYMENT: 'true'\n`,
  ],
  ["policy:settings-known", "a misspelt setting", app, setting, `${setting}  LINK_TTL_HOUR: '24'\n`],
  [
    "policy:settings-given",
    "a setting that is empty",
    app,
    setting,
    "  RETENTION_DAYS: take(string(retentionDays), 0)\n",
  ],
  [
    "policy:settings-read",
    "a setting that the code forgot",
    "src/config/config.ts",
    '"AZURE_OPENAI_SCOPE"',
    '"OPENAI_SCOPE"',
  ],
  [
    "policy:secrets-by-reference",
    "a secret by value",
    app,
    "SIGNING_KEY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/signing-key/)'",
    "SIGNING_KEY: '${vaultUri}-is-hard-to-guess-but-not-hard-enough'",
  ],
  [
    "policy:secrets-by-reference",
    "another secret's value",
    app,
    "secrets/api-keys/)",
    "secrets/signing-key/)",
  ],
  [
    "policy:references-without-version",
    "a secret that never changes",
    app,
    "secrets/webhook-secrets/)",
    "secrets/webhook-secrets/0123456789abcdef)",
  ],
  [
    "policy:settings-hold-no-secret",
    "a connection with a key",
    app,
    setting,
    `${setting}  URL_ALLOWLIST: 'AccountKey=abc'\n`,
  ],
  [
    "policy:connections-by-identity",
    "a connection by nobody",
    app,
    "  AzureWebJobsStorage__credential: 'managedidentity'\n",
    "  AzureWebJobsStorage__credential: 'environment'\n",
  ],
  [
    "policy:connections-by-identity",
    "a connection beside the identity's",
    app,
    setting,
    `${setting}  AzureWebJobsStorage: 'UseDevelopmentStorage=true'\n`,
  ],
  [
    "policy:code-has-its-own-identity",
    "code with the host's rights",
    app,
    "AZURE_CLIENT_ID: dataIdentity.clientId",
    "AZURE_CLIENT_ID: hostIdentity.clientId",
  ],
  ["policy:telemetry-by-identity", "telemetry by nobody", app, ";Authorization=AAD", ""],
  [
    "policy:one-plan-per-app",
    "two apps of one plan",
    main,
    "module alerts 'modules/alerts.bicep' = {",
    "module plan2 'br/public:avm/res/web/serverfarm:0.7.0' = {\n  scope: group\n  params: { name: 'plan2', skuName: 'FC1', enableTelemetry: false }\n}\n\nmodule alerts 'modules/alerts.bicep' = {",
  ],
  [
    "policy:own-page",
    "the platform's page",
    app,
    "AzureWebJobsDisableHomepage: 'true'",
    "AzureWebJobsDisableHomepage: 'false'",
  ],
  [
    "policy:backend-chosen",
    "a scheduler that isn't used",
    app,
    "storageProvider__type: 'azureManaged'",
    "storageProvider__type: 'AzureStorage'",
  ],
  [
    "policy:scheduler-by-identity",
    "a scheduler by nobody",
    app,
    ";ClientID=${hostIdentity.clientId}'\n      AzureFunctionsJobHost__extensions",
    "'\n      AzureFunctionsJobHost__extensions",
  ],
  [
    "policy:queues-are-watched",
    "queues seen every half minute",
    "host.json",
    '"maxQueuePollingInterval": "00:00:02"',
    '"maxQueuePollingInterval": "00:00:30"',
  ],
  [
    "policy:prompts-stay-out",
    "prompts in traces",
    "host.json",
    '"traceInputsAndOutputs": false',
    '"traceInputsAndOutputs": true',
  ],
];

const deadLetters = `    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storageAccount.id, blobContainerName: deadLetterContainer }
      }
    }
`;
const plainDeadLetters = `${deadLetters.split("\n").slice(2, -2).join("\n")}\n`;

export const eventDefects: Defect[] = [
  [
    "policy:dead-letter-by-identity",
    "dead letters by the account's key",
    subscription,
    deadLetters,
    plainDeadLetters,
  ],
  [
    "policy:dead-letter-container",
    "dead letters to nowhere",
    storage,
    "output deadLetterContainer string = containers.deadLetters",
    "output deadLetterContainer string = 'lost'",
  ],
  [
    "policy:dead-letter",
    "dead letters that are dropped",
    subscription,
    deadLetters,
    "    labels: [storageAccount.id, deadLetterContainer]\n",
  ],
  [
    "policy:inbox-is-watched",
    "an inbox that nobody reads",
    subscription,
    "containers/${inboxContainer}/blobs/",
    "containers/in-${inboxContainer}/blobs/",
  ],
  [
    "policy:topic-identity",
    "a topic that is nobody",
    "infra/modules/events.bicep",
    "managedIdentities: { systemAssigned: true }",
    "managedIdentities: { systemAssigned: false }",
  ],
  [
    "policy:inbox-is-subscribed",
    "no subscription at all",
    subscription,
    "eventSubscriptions@2025-02-15' = {",
    "eventSubscriptions@2025-02-15' = if (topicName == '') {",
  ],
  ["policy:retry-policy", "one try", subscription, "maxDeliveryAttempts: 30", "maxDeliveryAttempts: 1"],
  [
    "policy:retry-policy",
    "two days, which Event Grid refuses",
    subscription,
    "eventTimeToLiveInMinutes: 1440",
    "eventTimeToLiveInMinutes: 2880",
  ],
  [
    "policy:outputs-are-not-watched",
    "a loop: every container is watched",
    subscription,
    "'/blobServices/default/containers/${inboxContainer}/blobs/'",
    "'/blobServices/default/containers/${take(inboxContainer, 0)}'",
  ],
  [
    "policy:outputs-are-not-watched",
    "a loop: results begin like the inbox",
    subscription,
    "'/blobServices/default/containers/${inboxContainer}/blobs/'",
    "'/blobServices/default/containers/${take(inboxContainer, 5)}'",
  ],
  [
    "policy:only-new-files",
    "told of removals as well",
    subscription,
    "['Microsoft.Storage.BlobCreated']",
    "['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobDeleted']",
  ],
  [
    "policy:event-schema",
    "a schema that the host can't read",
    subscription,
    "'EventGridSchema'",
    "'CloudEventSchemaV1_0'",
  ],
  [
    "policy:function-named",
    "events for a function that isn't there",
    subscription,
    "Host.Functions.edit-inbox-created",
    "Host.Functions.uploads-created",
  ],
  [
    "policy:topic-of-the-storage",
    "a topic of something else",
    "infra/main.bicep",
    "storageAccountId: storage.outputs.resourceId",
    "storageAccountId: vault.outputs.uri",
  ],
  [
    "type:allowed",
    "a kind of endpoint that there is not",
    subscription,
    "endpointType: 'WebHook'",
    "endpointType: 'Webhook'",
  ],
];

const groupGrant = `resource everything 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, hostPrincipalId, roles.vaultSecretsUser)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.vaultSecretsUser)
    principalId: hostPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource vaultGrant '`;

export const roleDefects: Defect[] = [
  [
    "policy:no-right-without-call",
    "a right that nothing needs",
    roles,
    "var onContainers = [\n",
    "var onContainers = [\n  { on: 'images', principalId: topicPrincipalId, role: roles.blobDataReader, calls: '' }\n",
  ],
  [
    "policy:no-call-without-right",
    "a right that is forgotten",
    roles,
    "    on: 'edit-inbox'\n    principalId: dataPrincipalId\n    role: roles.blobDataReader",
    "    on: 'images'\n    principalId: dataPrincipalId\n    role: roles.blobDataContributor",
  ],
  [
    "policy:no-broad-roles",
    "an owner",
    roles,
    "var onContainers = [\n",
    "var onContainers = [\n  { on: 'images', principalId: hostPrincipalId, role: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', calls: '' }\n",
  ],
  [
    "policy:roles-on-resources",
    "a right on everything in the group",
    roles,
    "resource vaultGrant '",
    groupGrant,
  ],
  [
    "policy:roles-to-identities",
    "a right for somebody",
    roles,
    "var onContainers = [\n",
    "var onContainers = [\n  { on: 'images', principalId: '5e0bd9bd-0000-0000-0000-000000000000', role: roles.blobDataReader, calls: '' }\n",
  ],
  [
    "policy:roles-say-what-for",
    "a principal of no kind",
    roles,
    "    principalType: 'ServicePrincipal'\n    description: 'Functions host: telemetry'",
    "    principalType: 'User'\n    description: 'Functions host: telemetry'",
  ],
  [
    "policy:role-names-repeat",
    "a name that fails the second time",
    roles,
    "name: guid(insights.id, hostPrincipalId, roles.metricsPublisher)",
    "name: uniqueString(insights.id, hostPrincipalId, roles.metricsPublisher)",
  ],
  [
    "policy:calls-exist",
    "a call that is no longer made",
    "src/adapters/storage/links.ts",
    ".getUserDelegationKey(",
    ".keyFor(",
  ],
  [
    "type:allowed",
    "a workbook of a kind that there is not",
    "infra/modules/workbook.bicep",
    "kind: 'shared'",
    "kind: 'user'",
  ],
];
