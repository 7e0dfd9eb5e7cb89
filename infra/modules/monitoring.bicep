param location string
param tags object
param token string

module workspace 'br/public:avm/res/operational-insights/workspace:0.16.1' = {
  name: 'workspace'
  params: {
    name: 'log-${token}'
    location: location
    tags: tags
    enableTelemetry: false
    dataRetention: 30
    features: { disableLocalAuth: true }
  }
}

module insights 'br/public:avm/res/insights/component:0.8.0' = {
  name: 'insights'
  params: {
    name: 'appi-${token}'
    location: location
    tags: tags
    enableTelemetry: false
    workspaceResourceId: workspace.outputs.resourceId
    // The connection string is an address and no secret: who writes needs the role Monitoring Metrics Publisher.
    disableLocalAuth: true
    disableIpMasking: false
    retentionInDays: 30
  }
}

output insightsName string = insights.outputs.name
output insightsId string = insights.outputs.resourceId
output connectionString string = insights.outputs.connectionString
