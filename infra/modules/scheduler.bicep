param location string
param tags object
param token string
param isPrivate bool
param endpointSubnetId string
param zoneIds object

// No verified module exists for it.
resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: 'dts-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'Consumption' }
    // The list is of who may come from outside, before any sign-in; a network that is closed has nobody on it.
    ipAllowlist: isPrivate ? [] : ['0.0.0.0/0']
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }
}

resource taskHub 'Microsoft.DurableTask/schedulers/taskHubs@2026-02-01' = {
  parent: scheduler
  // As host.json names it.
  name: 'Darkroom'
}

module endpoint 'br/public:avm/res/network/private-endpoint:0.12.1' = if (isPrivate) {
  name: 'scheduler-endpoint'
  params: {
    name: 'pe-scheduler-${token}'
    location: location
    tags: tags
    enableTelemetry: false
    subnetResourceId: endpointSubnetId
    privateLinkServiceConnections: [
      { name: 'scheduler', properties: { privateLinkServiceId: scheduler.id, groupIds: ['scheduler'] } }
    ]
    privateDnsZoneGroup: {
      privateDnsZoneGroupConfigs: [{ privateDnsZoneResourceId: isPrivate ? zoneIds.scheduler : '' }]
    }
  }
}

output name string = scheduler.name
@description('What a connection of the host begins with; the identity is added by the app.')
output connection string = 'Endpoint=${scheduler.properties.endpoint};TaskHub=${taskHub.name}'
