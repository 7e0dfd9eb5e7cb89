import { modelType } from 'types.bicep'

@description('Region of the network; accounts are where their models are.')
param location string
param tags object
param token string
param models modelType[]
param isPrivate bool
param endpointSubnetId string
param zoneIds object

// Each with its region as names spell it, whatever the parameter's writer copied: West US 3 is westus3.
var placed = map(models, model => union(model, { region: toLower(replace(model.region, ' ', '')) }))
// Pools that one of their models says a limit of.
var limitedPools = map(
  filter(models, model => (model.?requestsPerMinute ?? model.?imagesPerMinute) != null),
  model => model.quotaPool
)
// Two units of an image model's capacity are six requests a minute (Azure OpenAI, quotas and limits). Where the service allows less,
// the app learns it.
var requestsPerUnit = 3
// Of the whole pool, since its deployments draw on one quota.
var capacities = map(placed, model =>
  reduce(filter(models, other => other.quotaPool == model.quotaPool), 0, (sum, other) => sum + other.capacity))
var regions = union(map(placed, model => model.region), [])

module accounts 'br/public:avm/res/cognitive-services/account:0.18.0' = [
  for region in regions: {
    name: 'models-${region}'
    params: {
      name: 'oai-${token}-${region}'
      location: region
      tags: union(
        tags,
        toObject(
          filter(placed, model => model.region == region),
          model => 'retires-${model.name}',
          model => model.retiresOn
        )
      )
      enableTelemetry: false
      kind: 'OpenAI'
      sku: 'S0'
      // A name of its own is what an account needs to take tokens of Entra ID.
      customSubDomainName: 'oai-${token}-${region}'
      disableLocalAuth: true
      restrictOutboundNetworkAccess: true
      publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
      networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'None' }
      deployments: map(
        filter(placed, model => model.region == region),
        model => {
          name: model.name
          model: { format: 'OpenAI', name: model.model, version: model.version }
          sku: { name: model.sku, capacity: model.capacity }
          // A version that was retired would end every job with it; the next one is better than none.
          versionUpgradeOption: 'OnceCurrentVersionExpired'
        }
      )
      privateEndpoints: isPrivate
        ? [
            {
              name: 'pe-models-${region}-${token}'
              // The account's region may be another than the network's.
              location: location
              service: 'account'
              subnetResourceId: endpointSubnetId
              privateDnsZoneGroup: { privateDnsZoneGroupConfigs: [{ privateDnsZoneResourceId: zoneIds.models }] }
              enableTelemetry: false
            }
          ]
        : []
    }
  }
]

output accountNames string[] = [for (region, index) in regions: accounts[index].outputs.name]

@description('The setting IMAGE_DEPLOYMENTS.')
output imageDeployments string = string(map(
  placed,
  (model, index) =>
    union(
      {
        name: model.name
        model: model.model
        deployment: model.name
        endpoint: 'https://oai-${token}-${model.region}.openai.azure.com'
        // Its names have no spaces.
        quota_pool: replace(model.quotaPool, ' ', '-')
      },
      model.?maxParallel == null ? {} : { max_parallel: model.?maxParallel },
      contains(limitedPools, model.quotaPool) ? {} : { requests_per_minute: requestsPerUnit * capacities[index] },
      model.?requestsPerMinute == null ? {} : { requests_per_minute: model.?requestsPerMinute },
      model.?imagesPerMinute == null ? {} : { images_per_minute: model.?imagesPerMinute }
    )
))
