import { alwaysReadyType, endpointsType, identityType } from 'types.bicep'

param location string
param tags object
param token string
param hostIdentity identityType
param dataIdentity identityType
param storage endpointsType
param storageAccountName string
param packageContainer string
param insightsConnectionString string
param vaultUri string
@description('The setting IMAGE_DEPLOYMENTS.')
param imageDeployments string
param retentionDays int
@description('The setting CORS_ORIGINS.')
param corsOrigins string
@description('The setting OPERATOR_CALLER.')
param operatorCaller string
@description('The setting LINK_ORIGIN.')
param linkOrigin string
@description('The setting QUEUE_DEADLINE_SECONDS.')
param queueDeadlineSeconds int
@description('The setting PRICES.')
param prices object[]
@description('The setting CALLER_LIMITS.')
param callerLimits object
@description('Further settings of the app. Those that the template makes itself win over them.')
param settings object
@description('Whether jobs are kept in a scheduler. A value of its own: what the connection holds is known after deployment only, and a choice by it would hide all settings from a snapshot.')
param usesScheduler bool
@description('Of no use where jobs are kept in storage.')
param schedulerConnection string
@description('Empty without a network of its own.')
param appSubnetId string
param alwaysReady alwaysReadyType[]
param instanceMemoryMB int
param maximumInstances int

var name = 'func-darkroom-${token}'

// The host connects to storage as itself, for its own needs and for the triggers; the code as DefaultAzureCredential,
// which AZURE_CLIENT_ID tells who it is.
var connections = {
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: hostIdentity.clientId
  IMAGES_STORAGE__blobServiceUri: storage.blob
  IMAGES_STORAGE__queueServiceUri: storage.queue
  IMAGES_STORAGE__tableServiceUri: storage.table
  IMAGES_STORAGE__credential: 'managedidentity'
  IMAGES_STORAGE__clientId: hostIdentity.clientId
  AZURE_CLIENT_ID: dataIdentity.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${hostIdentity.clientId};Authorization=AAD'
}

// Until the step after provisioning has made them, these stay as they are; the app says so, and serves nobody
// (src/config/settings.ts).
// With a slash at their ends: whatever version is newest.
var secrets = {
  SIGNING_KEY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/signing-key/)'
  API_KEYS: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/api-keys/)'
  WEBHOOK_SECRETS: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/webhook-secrets/)'
}

var wishes = {
  IMAGE_DEPLOYMENTS: imageDeployments
  // What accounts of kind OpenAI take tokens for.
  AZURE_OPENAI_SCOPE: 'https://cognitiveservices.azure.com/.default'
  RETENTION_DAYS: string(retentionDays)
  // Those that are empty count as not set.
  CORS_ORIGINS: corsOrigins
  OPERATOR_CALLER: operatorCaller
  LINK_ORIGIN: linkOrigin
  QUEUE_DEADLINE_SECONDS: string(queueDeadlineSeconds)
  PRICES: empty(prices) ? '' : string(prices)
  CALLER_LIMITS: empty(callerLimits) ? '' : string(callerLimits)
  // The page at / is Darkroom's own.
  AzureWebJobsDisableHomepage: 'true'
  // As much as the host takes in headers (32 KB), and what it adds: a request that the worker's own server refuses has its
  // call wait for it.
  languageWorkers__node__arguments: '--max-http-header-size=65536'
}

// Another backend than host.json names, without a second host.json: settings of this prefix win over it.
var durable = usesScheduler
  ? {
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: '${schedulerConnection};Authentication=ManagedIdentity;ClientID=${hostIdentity.clientId}'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
    }
  : {}

module plan 'br/public:avm/res/web/serverfarm:0.7.0' = {
  name: 'plan'
  params: {
    name: 'plan-${token}'
    location: location
    tags: tags
    enableTelemetry: false
    kind: 'functionapp'
    reserved: true
    skuName: 'FC1'
  }
}

module site 'br/public:avm/res/web/site:0.24.0' = {
  name: 'app-site'
  params: {
    name: name
    location: location
    tags: union(tags, { 'azd-service-name': 'darkroom' })
    enableTelemetry: false
    kind: 'functionapp,linux'
    serverFarmResourceId: plan.outputs.resourceId
    managedIdentities: { userAssignedResourceIds: [hostIdentity.resourceId, dataIdentity.resourceId] }
    keyVaultAccessIdentityResourceId: hostIdentity.resourceId
    httpsOnly: true
    clientAffinityEnabled: false
    // The one thing that stays public: it is the door, and every request passes the check behind it.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetResourceId: empty(appSubnetId) ? null : appSubnetId
    basicPublishingCredentialsPolicies: [
      { name: 'ftp', allow: false }
      { name: 'scm', allow: false }
    ]
    functionAppConfig: {
      runtime: { name: 'node', version: '22' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: hostIdentity.resourceId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady
        // Most of what an instance has open waits: for a job's end, or for its next event. The default would start
        // another instance for every sixteen watchers. A quarter of the memory holds a quarter of the uploads.
        triggers: { http: { perInstanceConcurrency: instanceMemoryMB < 2048 ? 25 : 100 } }
      }
    }
    siteConfig: {
      alwaysOn: false
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      // Left to the code, which lets pages of CORS_ORIGINS call, and designers of any site read /connector.swagger.json. An
      // origin named here would have the platform answer for all routes, and the code's own word would count no more.
      cors: { allowedOrigins: [], supportCredentials: false }
    }
    configs: [
      {
        name: 'appsettings'
        properties: union(settings, connections, secrets, wishes, durable)
        // What is not named here is not kept: the template tells all there is.
        retainCurrentAppSettings: false
      }
    ]
  }
}

output name string = site.outputs.name
output hostname string = site.outputs.defaultHostname
