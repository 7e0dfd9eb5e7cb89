// Shapes that several templates share.

@export()
@description('One deployment of one image model.')
type modelType = {
  @description('What callers may name as the deployment; unique over all regions.')
  @minLength(2)
  @maxLength(64)
  name: string

  @description('The model as Azure names it, such as gpt-image-1.')
  model: string

  @description('The version of the model.')
  version: string

  @description('The region of the account it is deployed in.')
  region: string

  @description('What is reserved of the quota, in the unit of the deployment kind.')
  @minValue(1)
  capacity: int

  @description('The kind of the deployment, such as GlobalStandard.')
  sku: string

  @description('Deployments of one pool draw on one quota, wherever they are: more of them is not more quota.')
  quotaPool: string

  @description('The day the model is retired, as yyyy-mm-dd; shown as a tag of its account.')
  retiresOn: string

  @description('The most calls that its pool has under way at once; each instance carries its share.')
  @minValue(1)
  @maxValue(100)
  maxParallel: int?

  @description('Requests that the service allows this pool in any minute. Jobs beyond that wait. Where no model of the pool says a limit, three for each unit of capacity.')
  @minValue(1)
  requestsPerMinute: int?

  @description('Images that the service allows this pool in any minute.')
  @minValue(1)
  imagesPerMinute: int?
}

@export()
@description('Instances of one group of functions that never sleep.')
type alwaysReadyType = {
  name: 'http' | 'blob' | 'durable'

  @minValue(0)
  instanceCount: int
}

@export()
@description('A user-assigned identity, as others refer to it.')
type identityType = {
  resourceId: string
  clientId: string
  principalId: string
}

@export()
@description('The three addresses of a storage account.')
type endpointsType = {
  blob: string
  queue: string
  table: string
}
