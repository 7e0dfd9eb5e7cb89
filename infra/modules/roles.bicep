// Every right that anything here has, each with the calls that need it; nothing else assigns a role. Three identities:
// the Functions host's, the code's own, and the event topic's. The same as a table is in ../README.md.

param storageAccountName string
param vaultName string
param insightsName string
param modelAccountNames string[]
@description('Empty where jobs are kept in storage.')
param schedulerName string
param hostPrincipalId string
param dataPrincipalId string
param topicPrincipalId string

var roles = {
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  blobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a'
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  vaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  openAiUser: '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd'
  durableTaskDataContributor: '0ad04412-c4d5-4796-b79c-f76d14c8d402'
}

var onAccount = [
  {
    principalId: hostPrincipalId
    role: roles.blobDataOwner
    calls: 'Functions host: its package, leases and keys, large durable messages, and the file of the inbox that is told of'
  }
  {
    principalId: hostPrincipalId
    role: roles.queueDataContributor
    calls: 'Functions host: durable work items, what the blob trigger still has to do, and its poison queue'
  }
  {
    principalId: hostPrincipalId
    role: roles.tableDataContributor
    calls: 'Functions host: durable history and instances, its own diagnostic events'
  }
  {
    principalId: dataPrincipalId
    role: roles.blobDelegator
    calls: 'src/adapters/storage/links.ts: the key that signs links and tickets'
  }
  {
    // For the account and not for four tables: making a table, and writing several rows at once, are asked of the
    // account's own address, and no document says that a role on the table is enough for that.
    principalId: dataPrincipalId
    role: roles.tableDataContributor
    calls: 'src/adapters/storage/tables.ts and the stores beside it: jobs, slots, deliveries and hooks, made if missing, written row by row or several at once'
  }
]

// A link can open no more than the identity that signed it: these are the only containers there can be links to.
var onContainers = [
  {
    on: 'images'
    principalId: dataPrincipalId
    role: roles.blobDataContributor
    calls: 'src/adapters/storage/image-store.ts, src/adapters/storage/blob-container-cleaner.ts: write once, read, list, remove'
  }
  {
    on: 'uploads'
    principalId: dataPrincipalId
    role: roles.blobDataContributor
    calls: 'src/adapters/storage/upload-store.ts, src/adapters/storage/blob-container-cleaner.ts: inputs, and tickets to create them'
  }
  {
    on: 'edit-results'
    principalId: dataPrincipalId
    role: roles.blobDataContributor
    calls: 'src/adapters/storage/result-store.ts, src/adapters/storage/blob-container-cleaner.ts: results beside the inbox'
  }
  {
    on: 'edit-inbox'
    principalId: dataPrincipalId
    role: roles.blobDataReader
    calls: 'src/adapters/storage/upload-store.ts: what others dropped; never written'
  }
  {
    on: 'generate-results'
    principalId: dataPrincipalId
    role: roles.blobDataContributor
    calls: 'src/adapters/storage/result-store.ts, src/adapters/storage/blob-container-cleaner.ts: manifests beside the inbox'
  }
  {
    on: 'generate-inbox'
    principalId: dataPrincipalId
    role: roles.blobDataReader
    calls: 'src/adapters/storage/upload-store.ts, src/adapters/storage/inbox-listing.ts: what others dropped; never written'
  }
  {
    on: 'batches'
    principalId: dataPrincipalId
    role: roles.blobDataContributor
    calls: 'src/adapters/storage/batch-store.ts, src/adapters/storage/blob-container-cleaner.ts: batches and what their lines ask for'
  }
  {
    on: 'event-dead-letters'
    principalId: topicPrincipalId
    role: roles.blobDataContributor
    calls: 'Event Grid: events that could not be delivered'
  }
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' existing = {
  parent: account
  name: 'default'
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = [
  for grant in onContainers: {
    parent: blobService
    name: grant.on
  }
]

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource modelAccounts 'Microsoft.CognitiveServices/accounts@2025-06-01' existing = [
  for name in modelAccountNames: {
    name: name
  }
]

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' existing = if (!empty(schedulerName)) {
  name: schedulerName
}

resource accountGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in onAccount: {
    name: guid(account.id, grant.principalId, grant.role)
    scope: account
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      description: grant.calls
    }
  }
]

resource containerGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, index) in onContainers: {
    name: guid(containers[index].id, grant.principalId, grant.role)
    scope: containers[index]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      description: grant.calls
    }
  }
]

resource modelGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, index) in modelAccountNames: {
    name: guid(modelAccounts[index].id, dataPrincipalId, roles.openAiUser)
    scope: modelAccounts[index]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.openAiUser)
      principalId: dataPrincipalId
      principalType: 'ServicePrincipal'
      description: 'src/adapters/openai/image-model.ts, src/adapters/openai/operation.ts: inference, and no right to change deployments'
    }
  }
]

resource vaultGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, hostPrincipalId, roles.vaultSecretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.vaultSecretsUser)
    principalId: hostPrincipalId
    principalType: 'ServicePrincipal'
    description: 'App Service: references in SIGNING_KEY, API_KEYS and WEBHOOK_SECRETS'
  }
}

resource insightsGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, hostPrincipalId, roles.metricsPublisher)
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.metricsPublisher)
    principalId: hostPrincipalId
    principalType: 'ServicePrincipal'
    description: 'Functions host: telemetry'
  }
}

resource schedulerGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(schedulerName)) {
  name: guid(schedulerName, hostPrincipalId, roles.durableTaskDataContributor)
  scope: scheduler
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.durableTaskDataContributor)
    principalId: hostPrincipalId
    principalType: 'ServicePrincipal'
    description: 'Functions host: durable work items and history'
  }
}
