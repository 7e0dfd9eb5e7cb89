// Everything that Darkroom needs in one subscription. What is made, and why, is told in README.md beside this file.
targetScope = 'subscription'

import { alwaysReadyType, modelType } from 'modules/types.bicep'

@description('Name of the azd environment. With the subscription and the location it gives all resources their names.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region of everything but the models, which say theirs themselves.')
@minLength(1)
@metadata({ azd: { type: 'location' } })
param location string

@description('Whether storage, vault and models are reached over public addresses (with Entra ID alone) or over private endpoints.')
@allowed(['public', 'private'])
param access string = 'public'

@description('Where jobs under way are kept.')
@allowed(['AzureStorage', 'DurableTaskScheduler'])
param durableBackend string = 'AzureStorage'

@description('The image models to deploy. Those of one region share one account.')
param models modelType[]

@description('Days that an ended job and its images are kept.')
@minValue(1)
@maxValue(3650)
param retentionDays int = 30

@description('Origins, comma-separated, whose pages may call the app and open links from a browser.')
param corsOrigins string = ''

@description('Who is an operator from the first start on: a caller of the secret api-keys, or entra:TENANT:USER. Others are made at run time.')
param operatorCaller string = ''

@description('Origin that links to pictures and uploads lead to, where a domain or a gateway stands before the storage account.')
param linkOrigin string = ''

@description('Seconds that a job may wait for its first call where its deployment has a quota.')
@minValue(1)
@maxValue(86400)
param queueDeadlineSeconds int = 1800

@description('What models cost, for the cost of jobs: the entries of the setting PRICES.')
param prices object[] = []

@description('What callers may have open, begin and spend, by name: the setting CALLER_LIMITS.')
param callerLimits object = {}

@description('Further settings of the app, by name: PUBLIC_ORIGIN, URL_ALLOWLIST, LINK_TTL_HOURS and others of README. What stands in the portal alone is lost with the next deployment.')
param settings object = {}

@description('Whether to make the Logic Apps connector as well. Its connection asks for a key when it is first opened.')
param deployConnector bool = false

@description('Instances that never sleep, by group. One for durable work spares jobs the wait for an instance to wake.')
param alwaysReady alwaysReadyType[] = [{ name: 'durable', instanceCount: 1 }]

@description('Memory of an instance in MB. Cores come with it: a quarter, one, two.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('The most instances that may run at once.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Copies of the storage: in one data centre, in three zones, or in another region as well.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageRedundancy string = 'Standard_LRS'

@description('Who is told of alerts by mail. Without it, alerts are only shown in the portal.')
param alertEmail string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var isPrivate = access == 'private'
var usesScheduler = durableBackend == 'DurableTaskScheduler'
// What marks all resources of one environment for azd.
var tags = { 'azd-env-name': environmentName }
var address = 'https://${app.outputs.hostname}'
// What private endpoints are made in and named by; of no use without them.
var endpointSubnetId = isPrivate ? network!.outputs.endpointSubnetId : ''
var zoneIds = isPrivate ? network!.outputs.zoneIds : {}

// The one resource with a verified module that is made without it: modules can only be told their group by a resource.
resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identity.bicep' = {
  name: 'identities'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module network 'modules/network.bicep' = if (isPrivate) {
  name: 'network'
  scope: group
  params: { location: location, tags: tags, token: token, usesScheduler: usesScheduler }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    redundancy: storageRedundancy
    corsOrigins: filter(map(split(corsOrigins, ','), origin => trim(origin)), origin => !empty(origin))
    retentionDays: retentionDays
    isPrivate: isPrivate
    endpointSubnetId: endpointSubnetId
    zoneIds: zoneIds
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    isPrivate: isPrivate
    endpointSubnetId: endpointSubnetId
    zoneIds: zoneIds
  }
}

module imageModels 'modules/models.bicep' = {
  name: 'models'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    models: models
    isPrivate: isPrivate
    endpointSubnetId: endpointSubnetId
    zoneIds: zoneIds
  }
}

module scheduler 'modules/scheduler.bicep' = if (usesScheduler) {
  name: 'scheduler'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    isPrivate: isPrivate
    endpointSubnetId: endpointSubnetId
    zoneIds: zoneIds
  }
}

module events 'modules/events.bicep' = {
  name: 'events'
  scope: group
  params: { location: location, tags: tags, token: token, storageAccountId: storage.outputs.resourceId }
}

// Before the app, which starts once it is there and could do nothing without them.
module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    storageAccountName: storage.outputs.name
    vaultName: vault.outputs.name
    insightsName: monitoring.outputs.insightsName
    modelAccountNames: imageModels.outputs.accountNames
    schedulerName: usesScheduler ? scheduler!.outputs.name : ''
    hostPrincipalId: identities.outputs.host.principalId
    dataPrincipalId: identities.outputs.data.principalId
    topicPrincipalId: events.outputs.principalId
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  dependsOn: [roles]
  params: {
    location: location
    tags: tags
    token: token
    hostIdentity: identities.outputs.host
    dataIdentity: identities.outputs.data
    storage: storage.outputs.endpoints
    storageAccountName: storage.outputs.name
    packageContainer: storage.outputs.packageContainer
    insightsConnectionString: monitoring.outputs.connectionString
    vaultUri: vault.outputs.uri
    imageDeployments: imageModels.outputs.imageDeployments
    retentionDays: retentionDays
    corsOrigins: corsOrigins
    operatorCaller: operatorCaller
    linkOrigin: linkOrigin
    queueDeadlineSeconds: queueDeadlineSeconds
    prices: prices
    callerLimits: callerLimits
    settings: settings
    usesScheduler: usesScheduler
    schedulerConnection: usesScheduler ? scheduler!.outputs.connection : ''
    appSubnetId: isPrivate ? network!.outputs.appSubnetId : ''
    alwaysReady: alwaysReady
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    insightsId: monitoring.outputs.insightsId
    topicId: events.outputs.resourceId
    healthUrl: '${address}/api/health'
    alertEmail: alertEmail
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: { location: location, tags: tags, insightsId: monitoring.outputs.insightsId }
}

// Public as the app is: workflows call it from outside any network of its own.
module connector 'connector/main.bicep' = if (deployConnector) {
  name: 'connector'
  scope: group
  params: { location: location, serviceUrl: address }
}

// Names that azd keeps in its environment and the step after deployment reads.
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_LOCATION string = location
output FUNCTION_APP_NAME string = app.outputs.name
output DARKROOM_URL string = address
output STORAGE_ACCOUNT_NAME string = storage.outputs.name
output KEY_VAULT_NAME string = vault.outputs.name
output EVENT_TOPIC_NAME string = events.outputs.name
output DEAD_LETTER_CONTAINER string = storage.outputs.deadLetterContainer
output INBOX_CONTAINER string = storage.outputs.inboxContainer

// What `azd env set` was told, so that `azd env refresh` tells it to another machine: provisioned from there without it, a
// private environment would be opened.
output DARKROOM_ACCESS string = access
output DARKROOM_DURABLE_BACKEND string = durableBackend
output DARKROOM_ALERT_EMAIL string = alertEmail
output DARKROOM_CORS_ORIGINS string = corsOrigins
output DARKROOM_OPERATOR_CALLER string = operatorCaller
output DARKROOM_LINK_ORIGIN string = linkOrigin
