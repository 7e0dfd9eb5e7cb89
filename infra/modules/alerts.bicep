param location string
param tags object
param token string
param insightsId string
param topicId string
@description('Empty: nobody is mailed.')
param alertEmail string

var actionGroups = empty(alertEmail) ? [] : [people!.outputs.resourceId]

// Questions put to the logs, each every five minutes over the last quarter of an hour.
var questions = [
  {
    name: 'poison'
    severity: 2
    title: 'Files of the inbox could not be handled'
    meaning: 'A file that was dropped failed five times and was ended as a failed job. Its result beside the inbox says why.'
    query: 'requests | where name == "edit-inbox-poison"'
    operator: 'GreaterThan'
    threshold: 0
    measure: 'Count'
  }
]

module people 'br/public:avm/res/insights/action-group:0.8.0' = if (!empty(alertEmail)) {
  name: 'alert-people'
  params: {
    name: 'ag-${token}'
    groupShortName: 'darkroom'
    tags: tags
    enableTelemetry: false
    emailReceivers: [{ name: 'mail', emailAddress: alertEmail, useCommonAlertSchema: true }]
  }
}

module answers 'br/public:avm/res/insights/scheduled-query-rule:0.6.0' = [
  for question in questions: {
    name: 'alert-${question.name}'
    params: {
      name: 'alert-${question.name}-${token}'
      location: location
      tags: tags
      enableTelemetry: false
      alertDisplayName: question.title
      alertDescription: question.meaning
      severity: question.severity
      scopes: [insightsId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      // Tables are there once the first line was written to them.
      skipQueryValidation: true
      criterias: {
        allOf: [
          {
            query: question.query
            timeAggregation: question.measure
            operator: question.operator
            threshold: question.threshold
          }
        ]
      }
      actions: { actionGroupResourceIds: actionGroups }
    }
  }
]

module deadLetters 'br/public:avm/res/insights/metric-alert:0.4.1' = {
  name: 'alert-dead-letters'
  params: {
    name: 'alert-dead-letters-${token}'
    tags: tags
    enableTelemetry: false
    alertDescription: 'Event Grid gave up telling the app of a file in the inbox. The event lies in event-dead-letters; dropping the file again starts its edit.'
    severity: 2
    scopes: [topicId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allof: [
        {
          name: 'dead letters'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'DeadLetteredCount'
          metricNamespace: 'Microsoft.EventGrid/systemTopics'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: actionGroups
  }
}
