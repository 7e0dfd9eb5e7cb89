param location string
param tags object
param token string
param storageAccountId string

// What happens in storage, told to subscribers. The one subscription there is (see ../subscription.bicep) needs a key
// that the app's host makes when code is there, so it is made after deployment.
module topic 'br/public:avm/res/event-grid/system-topic:0.7.0' = {
  name: 'event-topic'
  params: {
    name: 'evgt-${token}'
    location: location
    tags: tags
    enableTelemetry: false
    source: storageAccountId
    topicType: 'Microsoft.Storage.StorageAccounts'
    // As which dead letters are written.
    managedIdentities: { systemAssigned: true }
  }
}

output name string = topic.outputs.name
output resourceId string = topic.outputs.resourceId
output principalId string = topic.outputs.?systemAssignedMIPrincipalId ?? ''
