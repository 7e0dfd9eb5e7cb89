// The subscription that the step after deployment makes, given what main.bicep's outputs say.
using '../subscription.bicep'

var outputs = loadJsonContent('public-azure-storage.snapshot.json').outputs

param topicName = outputs.EVENT_TOPIC_NAME
param storageAccountName = outputs.STORAGE_ACCOUNT_NAME
param deadLetterContainer = outputs.DEAD_LETTER_CONTAINER
param inboxContainer = outputs.INBOX_CONTAINER
param endpointUrl = 'https://app.example.com/runtime/webhooks/blobs?functionName=Host.Functions.edit-inbox-created&code=sample'
