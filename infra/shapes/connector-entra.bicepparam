// The connector alone, signed in by Entra ID, given its address with the base path; samples without a connection are left out.
using '../connector/main.bicep'

param location = 'swedencentral'
param serviceUrl = 'https://app.example.com/api/connector'
param authMode = 'entra'
param tenantId = '00000000-0000-0000-0000-000000000001'
param clientId = '00000000-0000-0000-0000-000000000002'
param clientSecret = 'sample'
param resourceUri = 'api://darkroom'
param deploySamples = true
