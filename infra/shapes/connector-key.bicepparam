// The connector alone, with a key for its connection and all sample workflows.
using '../connector/main.bicep'

param location = 'swedencentral'
param serviceUrl = 'https://app.example.com'
param authMode = 'key'
param apiKey = 'sample'
param deploySamples = true
param mailConnectionName = 'office365'
param mailRecipient = 'someone@example.com'
param storageConnectionName = 'azureblob'
