param location string
param tags object
param token string
param isPrivate bool
param endpointSubnetId string
param zoneIds object

// Empty at first: the step after deployment makes signing-key, api-keys and webhook-secrets, so that no template ever
// holds their values. Everything in it can be made anew, so it may be purged: an environment that is taken down gives
// its names back.
module vault 'br/public:avm/res/key-vault/vault:0.14.0' = {
  name: 'key-vault'
  params: {
    name: 'kv-dr-${token}'
    location: location
    tags: tags
    enableTelemetry: false
    sku: 'standard'
    enableRbacAuthorization: true
    enableVaultForDeployment: false
    enableVaultForDiskEncryption: false
    enableVaultForTemplateDeployment: false
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    enablePurgeProtection: false
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'AzureServices' }
    privateEndpoints: isPrivate
      ? [
          {
            name: 'pe-vault-${token}'
            service: 'vault'
            subnetResourceId: endpointSubnetId
            privateDnsZoneGroup: { privateDnsZoneGroupConfigs: [{ privateDnsZoneResourceId: zoneIds.vault }] }
            enableTelemetry: false
          }
        ]
      : []
  }
}

output name string = vault.outputs.name
output uri string = vault.outputs.uri
