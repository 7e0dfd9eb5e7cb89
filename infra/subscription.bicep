// Event Grid tells the app of every file that is dropped into the inbox. Deployed by the step after deployment, which
// alone can know the key: the app's host makes it when code is there.
targetScope = 'resourceGroup'

@description('Output EVENT_TOPIC_NAME of main.bicep.')
param topicName string

@description('Output STORAGE_ACCOUNT_NAME of main.bicep.')
param storageAccountName string

@description('Output INBOX_CONTAINER of main.bicep.')
param inboxContainer string

@description('Output DEAD_LETTER_CONTAINER of main.bicep.')
param deadLetterContainer string

@description('Address of the app for blob events of its function, with the system key blobs_extension: it opens this endpoint and nothing else.')
@secure()
param endpointUrl string

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

// Without its verified module, whose parameters are kept in the history of deployments, where all who may read the
// resource group would read the key. What a resource is given is not kept.
resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'edit-inbox'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: endpointUrl
        // One event, one call: a failure then says which file it is about.
        maxEventsPerBatch: 1
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      // Ends in a slash, so that no other container's name can begin alike. Results are written elsewhere.
      subjectBeginsWith: '/blobServices/default/containers/${inboxContainer}/blobs/'
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storageAccount.id, blobContainerName: deadLetterContainer }
      }
    }
  }
}
