import { endpointsType } from 'types.bicep'

param location string
param tags object
param token string
param redundancy string
@description('Origins whose pages may open links: read images, and fill uploads.')
param corsOrigins string[]
param retentionDays int
param isPrivate bool
param endpointSubnetId string
@description('Private DNS zones by what they are for; used with private endpoints alone.')
param zoneIds object

var containers = {
  images: 'images'
  uploads: 'uploads'
  inbox: 'edit-inbox'
  results: 'edit-results'
  generateInbox: 'generate-inbox'
  generated: 'generate-results'
  batches: 'batches'
  deadLetters: 'event-dead-letters'
  package: 'app-package'
}
var tables = ['jobs', 'slots', 'deliveries', 'hooks', 'callers']
// The app listens to it from its start; the host makes it only with the first file that it gives up.
var queues = ['webjobs-blobtrigger-poison']
var services = ['blob', 'queue', 'table']

// The app removes what has had its time, rows and blobs together. These rules come a day later, and see to it that
// nothing stays even where the app is stopped.
var lifecycle = [
  { name: 'uploads', prefix: containers.uploads, days: 1 }
  { name: 'images', prefix: containers.images, days: retentionDays + 1 }
  { name: 'edit-results', prefix: containers.results, days: retentionDays + 1 }
  { name: 'generate-results', prefix: containers.generated, days: retentionDays + 1 }
  { name: 'batches', prefix: containers.batches, days: retentionDays + 3 }
  { name: 'dead-letters', prefix: containers.deadLetters, days: retentionDays + 1 }
]

module account 'br/public:avm/res/storage/storage-account:0.33.0' = {
  name: 'storage-account'
  params: {
    name: 'stdarkroom${token}'
    location: location
    tags: tags
    enableTelemetry: false
    kind: 'StorageV2'
    skuName: redundancy
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // No link lives longer: the key that signs it lives a week.
    sasExpirationPeriod: '7.00:00:00'
    sasExpirationAction: 'Block'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      // Event Grid writes dead letters from outside the network, as an identity with a role on that container.
      bypass: 'AzureServices'
    }
    blobServices: {
      // The signature in a link is what counts; this lets pages use one. Never a pattern: local/cors.ts does the same.
      corsRules: empty(corsOrigins)
        ? []
        : [
            {
              allowedOrigins: corsOrigins
              allowedMethods: ['GET', 'HEAD', 'PUT']
              allowedHeaders: ['*']
              exposedHeaders: ['*']
              maxAgeInSeconds: 3600
            }
          ]
      containerDeleteRetentionPolicyEnabled: true
      containerDeleteRetentionPolicyDays: 7
      // A picture that was removed is gone: anyone who asked for that meant it.
      deleteRetentionPolicyEnabled: false
      containers: [for name in items(containers): { name: name.value, publicAccess: 'None' }]
    }
    queueServices: {
      queues: [for name in queues: { name: name }]
    }
    tableServices: {
      tables: [for name in tables: { name: name }]
    }
    managementPolicyRules: [
      for rule in lifecycle: {
        name: rule.name
        enabled: true
        type: 'Lifecycle'
        definition: {
          filters: { blobTypes: ['blockBlob'], prefixMatch: ['${rule.prefix}/'] }
          actions: {
            baseBlob: { delete: { daysAfterCreationGreaterThan: rule.days } }
            snapshot: { delete: { daysAfterCreationGreaterThan: rule.days } }
          }
        }
      }
    ]
    privateEndpoints: [
      for service in (isPrivate ? services : []): {
        name: 'pe-${service}-${token}'
        service: service
        subnetResourceId: endpointSubnetId
        privateDnsZoneGroup: { privateDnsZoneGroupConfigs: [{ privateDnsZoneResourceId: zoneIds[service] }] }
        enableTelemetry: false
      }
    ]
  }
}

output name string = account.outputs.name
output resourceId string = account.outputs.resourceId
output endpoints endpointsType = {
  blob: account.outputs.serviceEndpoints.blob
  queue: account.outputs.serviceEndpoints.queue
  table: account.outputs.serviceEndpoints.table
}
output packageContainer string = containers.package
output inboxContainer string = containers.inbox
output deadLetterContainer string = containers.deadLetters
