import { identityType } from 'types.bicep'

param location string
param tags object
param token string

// Two, so that a mistake in the app's own code (a link signed for the wrong container, say) meets a refusal: what the
// Functions host needs reaches every container of the account, what the code needs reaches its own.
module host 'br/public:avm/res/managed-identity/user-assigned-identity:0.6.0' = {
  name: 'identity-host'
  params: {
    name: 'id-host-${token}'
    location: location
    tags: tags
    enableTelemetry: false
  }
}

module data 'br/public:avm/res/managed-identity/user-assigned-identity:0.6.0' = {
  name: 'identity-data'
  params: {
    name: 'id-data-${token}'
    location: location
    tags: tags
    enableTelemetry: false
  }
}

output host identityType = {
  resourceId: host.outputs.resourceId
  clientId: host.outputs.clientId
  principalId: host.outputs.principalId
}

output data identityType = {
  resourceId: data.outputs.resourceId
  clientId: data.outputs.clientId
  principalId: data.outputs.principalId
}
