// Public addresses, jobs in storage: what `azd up` makes.
using '../main.bicep'

// What azd is given, so that a change of it is checked as well.
var file = loadJsonContent('../main.parameters.json').parameters

param environmentName = 'darkroom'
param location = 'swedencentral'
param access = 'public'
param durableBackend = 'AzureStorage'
param models = file.models.value
param retentionDays = file.retentionDays.value
param settings = file.settings.value
param deployConnector = file.deployConnector.value
param alwaysReady = file.alwaysReady.value
param instanceMemoryMB = file.instanceMemoryMB.value
param maximumInstances = file.maximumInstances.value
param storageRedundancy = file.storageRedundancy.value
param alertEmail = ''
param corsOrigins = ''
param queueDeadlineSeconds = file.queueDeadlineSeconds.value
param prices = file.prices.value
