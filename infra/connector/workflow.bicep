metadata name = 'A workflow'
metadata description = 'One workflow of Azure Logic Apps (Consumption), from its definition and the connections that it uses.'

targetScope = 'resourceGroup'

@description('Name of the workflow.')
param name string

@description('Region of the workflow: that of its connections.')
param location string = resourceGroup().location

@description('What it does, in the workflow definition language.')
param definition object

@description('The connections that it uses, each by the name that the definition has for it: { id, connectionId, connectionName }.')
param connections object

@description('Values of the other parameters of the definition, each as { value }.')
param values object = {}

@description('Whether it runs at once. A sample waits until somebody turns it on: its runs cost images.')
param isEnabled bool = false

resource workflow 'Microsoft.Logic/workflows@2019-05-01' = {
  name: name
  location: location
  properties: {
    state: isEnabled ? 'Enabled' : 'Disabled'
    definition: definition
    parameters: union(values, {
      '$connections': {
        value: connections
      }
    })
  }
}

@description('Resource ID of the workflow.')
output id string = workflow.id
