// All that is off by default is on.
using '../main.bicep'

// What azd is given, so that a change of it is checked as well.
var file = loadJsonContent('../main.parameters.json').parameters

param environmentName = 'darkroom'
param location = 'swedencentral'
param access = 'private'
param durableBackend = 'DurableTaskScheduler'
param models = map(file.models.value, model => union(model, { requestsPerMinute: 6 }))
param retentionDays = file.retentionDays.value
param settings = file.settings.value
param deployConnector = true
param alwaysReady = file.alwaysReady.value
param instanceMemoryMB = file.instanceMemoryMB.value
param maximumInstances = file.maximumInstances.value
param storageRedundancy = file.storageRedundancy.value
param alertEmail = 'alerts@example.com'
param corsOrigins = 'https://app.example.com, https://other.example.com'
param operatorCaller = 'ops'
param linkOrigin = 'https://pictures.example.com'
param queueDeadlineSeconds = 600
param prices = [
  { model: 'gpt-image-2', per_image: 4, currency: 'USD', source: 'https://example.com/prices', as_of: '2026-11-30' }
]
param callerLimits = { '*': { open_jobs: 100, jobs_per_minute: 60 } }
