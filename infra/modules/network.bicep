param location string
param tags object
param token string
param usesScheduler bool

// Zones that are made for the private endpoints of each service.
var zones = union(
  {
    blob: 'privatelink.blob.${environment().suffixes.storage}'
    queue: 'privatelink.queue.${environment().suffixes.storage}'
    table: 'privatelink.table.${environment().suffixes.storage}'
    vault: 'privatelink.vaultcore.azure.net'
    models: 'privatelink.openai.azure.com'
  },
  usesScheduler ? { scheduler: 'privatelink.durabletask.io' } : {}
)

module virtualNetwork 'br/public:avm/res/network/virtual-network:0.10.1' = {
  name: 'virtual-network'
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    enableTelemetry: false
    addressPrefixes: ['10.80.0.0/20']
    subnets: [
      { name: 'app', addressPrefix: '10.80.0.0/24', delegation: 'Microsoft.App/environments' }
      { name: 'endpoints', addressPrefix: '10.80.1.0/24', privateEndpointNetworkPolicies: 'Enabled' }
    ]
  }
}

module dnsZones 'br/public:avm/res/network/private-dns-zone:0.8.1' = [
  for zone in items(zones): {
    name: 'zone-${zone.key}'
    params: {
      name: zone.value
      tags: tags
      enableTelemetry: false
      virtualNetworkLinks: [
        { virtualNetworkResourceId: virtualNetwork.outputs.resourceId, registrationEnabled: false }
      ]
    }
  }
]

output appSubnetId string = virtualNetwork.outputs.subnetResourceIds[0]
output endpointSubnetId string = virtualNetwork.outputs.subnetResourceIds[1]
output zoneIds object = toObject(
  items(zones),
  zone => zone.key,
  zone => resourceId('Microsoft.Network/privateDnsZones', zone.value)
)
