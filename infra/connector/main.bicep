metadata name = 'Darkroom for Logic Apps'
metadata description = 'The custom connector, a connection to it, and workflows that show its use.'

targetScope = 'resourceGroup'

@description('What the connector is called; the names of its connection and workflows start with it.')
@minLength(3)
@maxLength(40)
param name string = 'darkroom'

@description('Region of the connector. Workflows find connectors of their own region only.')
param location string = resourceGroup().location

@description('Address of Darkroom, such as https://NAME.azurewebsites.net, without a slash at its end. The base path of the definition is added where it is missing.')
param serviceUrl string

@description('How a connection identifies itself: by one of Darkroom\'s keys, or by signing in with Microsoft Entra ID.')
@allowed([
  'key'
  'entra'
])
param authMode string = 'key'

@description('The key that the connection sends, where authMode is key. Left empty, it is entered in the portal.')
@secure()
param apiKey string = ''

@description('Tenant whose accounts sign in, where authMode is entra.')
param tenantId string = tenant().tenantId

@description('Client ID of the app registration that signs in, where authMode is entra.')
param clientId string = ''

@description('Secret of that registration, where authMode is entra. Left empty, it is entered in the portal.')
@secure()
param clientSecret string = ''

@description('Application ID URI that the sign-in is asked for: the audience that Darkroom\'s App Service authentication takes.')
param resourceUri string = ''

@description('Public https address of connector/icon.png. Left empty, designers show an icon of their own.')
param iconUri string = ''

@description('Whether the sample workflows are deployed, too. They are disabled until somebody turns them on.')
param deploySamples bool = false

@description('Name of an Office 365 Outlook connection in this resource group. Left empty, the sample that mails is left out.')
param mailConnectionName string = ''

@description('Who gets the mail of the samples: the picture of the week, and the question for approval.')
param mailRecipient string = ''

@description('Name of an Azure Blob Storage connection in this resource group. Left empty, the sample that edits files is left out.')
param storageConnectionName string = ''

@description('Storage account of that sample, as the connection knows it: by name, or AccountNameFromSettings where the connection holds a key.')
param storageAccountName string = 'AccountNameFromSettings'

@description('Container whose new files that sample edits.')
param sourceContainer string = 'photos'

@description('Container that takes its results. It must be another one: a result in the first would be edited again.')
param resultContainer string = 'edited'

@description('Name of a SharePoint connection in this resource group. Left empty, the samples with SharePoint are left out.')
param sharePointConnectionName string = ''

@description('Address of the SharePoint site of those samples.')
param sharePointSite string = ''

@description('ID of the library whose new pictures two of them take.')
param sharePointLibrary string = ''

@description('ID of the list that one of them makes pictures for at night.')
param sharePointList string = ''

@description('Name of a Microsoft Forms connection in this resource group. Left empty, the sample that asks for approval is left out.')
param formsConnectionName string = ''

@description('ID of the form whose answers that sample takes.')
param formId string = ''

@description('ID of the question that asks for the prompt.')
param formQuestion string = ''

@description('Name of a Microsoft Teams connection in this resource group, which that sample posts by.')
param teamsConnectionName string = ''

@description('ID of the team that it posts to.')
param teamsTeam string = ''

@description('ID of the channel that it posts to.')
param teamsChannel string = ''

var definition = loadJsonContent('../../connector/apiDefinition.swagger.json')
var backend = endsWith(serviceUrl, definition.basePath) ? serviceUrl : '${serviceUrl}${definition.basePath}'

// The login endpoint ends in a slash, with which a connector would ask for an address that has two.
var loginEndpoint = environment().authentication.loginEndpoint
var loginUri = endsWith(loginEndpoint, '/') ? take(loginEndpoint, length(loginEndpoint) - 1) : loginEndpoint

var keyParameters = {
  api_key: {
    type: 'securestring'
    uiDefinition: {
      displayName: 'API Key'
      description: 'Your key for Darkroom, as it is: no word before it.'
      tooltip: 'Your key for Darkroom'
      constraints: {
        tabIndex: 1
        clearText: false
        required: 'true'
      }
    }
  }
}

var entraParameters = {
  token: {
    type: 'oauthSetting'
    oAuthSettings: {
      identityProvider: 'aad'
      clientId: clientId
      clientSecret: empty(clientSecret) ? null : clientSecret
      scopes: []
      redirectUrl: 'https://global.consent.azure-apim.net/redirect'
      properties: {
        IsFirstParty: 'False'
      }
      customParameters: {
        loginUri: {
          value: loginUri
        }
        tenantId: {
          value: tenantId
        }
        resourceUri: {
          value: resourceUri
        }
      }
    }
  }
  'token:TenantId': {
    type: 'string'
    metadata: {
      sourceType: 'AzureActiveDirectoryTenant'
    }
    uiDefinition: {
      constraints: {
        required: 'false'
        hidden: 'true'
      }
    }
  }
}

// The committed definition asks for a key. Who signs in instead needs a definition that says so, or is never asked to.
var entraSecurity = {
  securityDefinitions: {
    entra: {
      type: 'oauth2'
      flow: 'accessCode'
      authorizationUrl: '${loginUri}/${tenantId}/oauth2/authorize'
      tokenUrl: '${loginUri}/${tenantId}/oauth2/token'
      scopes: {}
    }
  }
  security: [
    {
      entra: []
    }
  ]
}

resource connector 'Microsoft.Web/customApis@2016-06-01' = {
  name: name
  location: location
  properties: {
    displayName: definition.info.title
    description: definition.info.description
    apiType: 'Rest'
    brandColor: '#8C1C13'
    iconUri: empty(iconUri) ? null : iconUri
    capabilities: []
    backendService: {
      serviceUrl: backend
    }
    // The published type leaves out uiDefinition and metadata, which the service takes, and without which a key is asked for in the open.
    connectionParameters: any(authMode == 'key' ? keyParameters : entraParameters)
    swagger: shallowMerge([
      definition
      {
        host: split(backend, '/')[2]
      }
      authMode == 'key' ? {} : entraSecurity
    ])
  }
}

resource connection 'Microsoft.Web/connections@2016-06-01' = {
  name: '${name}-connection'
  location: location
  properties: {
    displayName: definition.info.title
    api: {
      id: connector.id
    }
    // Without a key, and wherever people sign in, the portal asks when the connection is first opened.
    parameterValues: authMode == 'key' && !empty(apiKey) ? {
      api_key: apiKey
    } : {}
  }
}

var darkroomConnection = {
  darkroom: {
    id: connector.id
    connectionId: connection.id
    connectionName: connection.name
  }
}

module mailAPicture 'workflow.bicep' = if (deploySamples && !empty(mailConnectionName)) {
  name: '${name}-mail-a-picture'
  params: {
    name: '${name}-mail-a-picture'
    location: location
    definition: loadJsonContent('workflows/mail-a-picture.json')
    connections: union(darkroomConnection, {
      office365: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'office365')
        connectionId: resourceId('Microsoft.Web/connections', mailConnectionName)
        connectionName: mailConnectionName
      }
    })
    values: {
      recipient: {
        value: mailRecipient
      }
    }
  }
}

module editANewFile 'workflow.bicep' = if (deploySamples && !empty(storageConnectionName)) {
  name: '${name}-edit-a-new-file'
  params: {
    name: '${name}-edit-a-new-file'
    location: location
    definition: loadJsonContent('workflows/edit-a-new-file.json')
    connections: union(darkroomConnection, {
      azureblob: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'azureblob')
        connectionId: resourceId('Microsoft.Web/connections', storageConnectionName)
        connectionName: storageConnectionName
      }
    })
    values: {
      storageAccount: {
        value: storageAccountName
      }
      sourceContainer: {
        value: sourceContainer
      }
      resultContainer: {
        value: resultContainer
      }
    }
  }
}

module picturesForAList 'workflow.bicep' = if (deploySamples) {
  name: '${name}-pictures-for-a-list'
  params: {
    name: '${name}-pictures-for-a-list'
    location: location
    definition: loadJsonContent('workflows/pictures-for-a-list.json')
    connections: darkroomConnection
  }
}

module catchARefusal 'workflow.bicep' = if (deploySamples) {
  name: '${name}-catch-a-refusal'
  params: {
    name: '${name}-catch-a-refusal'
    location: location
    definition: loadJsonContent('workflows/catch-a-refusal.json')
    connections: darkroomConnection
  }
}

module editASharePointFile 'workflow.bicep' = if (deploySamples && !empty(sharePointConnectionName)) {
  name: '${name}-edit-a-sharepoint-file'
  params: {
    name: '${name}-edit-a-sharepoint-file'
    location: location
    definition: loadJsonContent('workflows/edit-a-sharepoint-file.json')
    connections: union(darkroomConnection, {
      sharepointonline: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'sharepointonline')
        connectionId: resourceId('Microsoft.Web/connections', sharePointConnectionName)
        connectionName: sharePointConnectionName
      }
    })
    values: {
      site: {
        value: sharePointSite
      }
      library: {
        value: sharePointLibrary
      }
    }
  }
}

module approveAPicture 'workflow.bicep' = if (deploySamples && !empty(formsConnectionName) && !empty(mailConnectionName) && !empty(teamsConnectionName)) {
  name: '${name}-approve-a-picture'
  params: {
    name: '${name}-approve-a-picture'
    location: location
    definition: loadJsonContent('workflows/approve-a-picture.json')
    connections: union(darkroomConnection, {
      microsoftforms: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'microsoftforms')
        connectionId: resourceId('Microsoft.Web/connections', formsConnectionName)
        connectionName: formsConnectionName
      }
      office365: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'office365')
        connectionId: resourceId('Microsoft.Web/connections', mailConnectionName)
        connectionName: mailConnectionName
      }
      teams: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'teams')
        connectionId: resourceId('Microsoft.Web/connections', teamsConnectionName)
        connectionName: teamsConnectionName
      }
    })
    values: {
      form: {
        value: formId
      }
      promptQuestion: {
        value: formQuestion
      }
      approver: {
        value: mailRecipient
      }
      team: {
        value: teamsTeam
      }
      channel: {
        value: teamsChannel
      }
    }
  }
}

module nightlyBatch 'workflow.bicep' = if (deploySamples && !empty(sharePointConnectionName)) {
  name: '${name}-nightly-batch'
  params: {
    name: '${name}-nightly-batch'
    location: location
    definition: loadJsonContent('workflows/nightly-batch.json')
    connections: union(darkroomConnection, {
      sharepointonline: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'sharepointonline')
        connectionId: resourceId('Microsoft.Web/connections', sharePointConnectionName)
        connectionName: sharePointConnectionName
      }
    })
    values: {
      site: {
        value: sharePointSite
      }
      list: {
        value: sharePointList
      }
    }
  }
}

module editAMailAttachment 'workflow.bicep' = if (deploySamples && !empty(mailConnectionName)) {
  name: '${name}-edit-a-mail-attachment'
  params: {
    name: '${name}-edit-a-mail-attachment'
    location: location
    definition: loadJsonContent('workflows/edit-a-mail-attachment.json')
    connections: union(darkroomConnection, {
      office365: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'office365')
        connectionId: resourceId('Microsoft.Web/connections', mailConnectionName)
        connectionName: mailConnectionName
      }
    })
  }
}

module catalogue 'workflow.bicep' = if (deploySamples && !empty(sharePointConnectionName)) {
  name: '${name}-catalogue'
  params: {
    name: '${name}-catalogue'
    location: location
    definition: loadJsonContent('workflows/catalogue.json')
    connections: union(darkroomConnection, {
      sharepointonline: {
        id: subscriptionResourceId('Microsoft.Web/locations/managedApis', location, 'sharepointonline')
        connectionId: resourceId('Microsoft.Web/connections', sharePointConnectionName)
        connectionName: sharePointConnectionName
      }
    })
    values: {
      site: {
        value: sharePointSite
      }
      library: {
        value: sharePointLibrary
      }
    }
  }
}

@description('Resource ID of the connector, as workflows name it.')
output apiId string = connector.id

@description('Resource ID of the connection, as workflows name it.')
output connectionId string = connection.id

@description('Name of the connection.')
output connectionName string = connection.name
