param location string
param tags object
param token string
param insightsId string
param topicId string
@description('Address of the app that needs no key and says whether it works.')
param healthUrl string
@description('Empty: nobody is mailed.')
param alertEmail string

var people = empty(alertEmail) ? [] : [mail!.outputs.resourceId]

// Questions put to Application Insights every five minutes, over the last quarter of an hour. The names of numbers are
// those of docs/decisions/2026-11-21-telemetry.md; functions are named as src/index.ts names them.
var questions = [
  {
    name: 'poison'
    severity: 2
    title: 'Darkroom: files of the inbox could not be handled'
    meaning: 'Handling a file that was dropped failed five times, and its message came to the poison queue. The app ends it as a failed job, whose result in edit-results says so; where that failed as well, the file waits in webjobs-blobtrigger-poison-poison.'
    query: 'requests | where name has "edit-inbox-poison" | summarize messages = count()'
    column: 'messages'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'throttled'
    severity: 3
    title: 'Darkroom: the image service refuses a quarter of all calls for want of quota'
    meaning: 'More than 25 of 100 calls were answered with 429, of at least 20. No job is lost by it: each waits, and is slow. Ask for more quota, lower max_parallel, or deploy a model of another quota pool.'
    query: 'customMetrics | where name in ("darkroom.upstream.calls", "darkroom.upstream.throttled") | summarize calls = sumif(valueSum, name == "darkroom.upstream.calls"), throttled = sumif(valueSum, name == "darkroom.upstream.throttled") | where calls >= 20 | extend share = 100.0 * throttled / calls'
    column: 'share'
    operator: 'GreaterThan'
    threshold: 25
  }
  {
    name: 'failing'
    severity: 2
    title: 'Darkroom: jobs fail'
    meaning: 'A quarter of at least eight jobs made no image. One refused prompt is no alarm, and a refusal counts as a failure here: look at the codes of the failed jobs first. upstreamUnavailable and accountBlocked are about the image service, internal is about Darkroom.'
    query: 'customMetrics | where name == "darkroom.jobs" | extend failed = tostring(customDimensions["darkroom.outcome"]) == "failed" | summarize ended = sum(valueSum), failures = sumif(valueSum, failed) | where ended >= 8 | extend share = 100.0 * failures / ended'
    column: 'share'
    operator: 'GreaterThan'
    threshold: 25
  }
  {
    name: 'undelivered'
    severity: 3
    title: 'Darkroom: a receiver was given up'
    meaning: 'A webhook or callback was tried ten times over a day, and nobody took it. GET /api/jobs/{id}/deliveries tells how each try of a webhook went; POST .../redeliver begins anew.'
    query: 'customMetrics | where name == "darkroom.deliveries" and tostring(customDimensions["darkroom.outcome"]) == "failed" | summarize undelivered = sum(valueSum)'
    column: 'undelivered'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'queued'
    severity: 2
    title: 'Darkroom: jobs wait too long for their start'
    meaning: 'A job began more than five minutes after it was accepted. Usually it takes a second or two: the app reached its most instances, or its storage or scheduler is slow.'
    query: 'customMetrics | where name == "darkroom.job.queue.duration" | summarize oldest = max(valueMax)'
    column: 'oldest'
    operator: 'GreaterThan'
    threshold: 300
  }
  {
    name: 'waiting'
    severity: 3
    title: 'Darkroom: calls wait twenty minutes for their turn'
    meaning: 'A call was told that its turn comes more than twenty minutes after its job was accepted. Jobs whose turn would come after their queue deadline are refused. Ask for more quota, or deploy the model in another quota pool.'
    query: 'customMetrics | where name == "darkroom.call.wait" | summarize longest = max(valueMax)'
    column: 'longest'
    operator: 'GreaterThan'
    threshold: 1200
  }
  {
    name: 'breaker'
    severity: 2
    title: 'Darkroom: a deployment fails, and nothing is sent to it'
    meaning: 'Calls wait because their deployment failed three times in a row, or its account is blocked. One call probes it now and then, and the others go on when it is well. Look at the service, its status page and the account.'
    query: 'customMetrics | where (name == "darkroom.call.wait" and tostring(customDimensions["darkroom.reason"]) == "service") or (name == "darkroom.upstream.calls" and tostring(customDimensions["darkroom.outcome"]) == "accountBlocked") | summarize held = sum(valueCount)'
    column: 'held'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'budget'
    severity: 3
    title: 'Darkroom: a budget is used up'
    meaning: 'A job was refused because its caller, or its token, has less left than it would cost. GET /api/usage with its key tells what is left and when it renews; CALLER_LIMITS is where it is set.'
    query: 'customMetrics | where name == "darkroom.jobs.refused" and tostring(customDimensions["darkroom.code"]) == "budgetExceeded" | summarize refused = sum(valueSum)'
    column: 'refused'
    operator: 'GreaterThan'
    threshold: 0
  }
]

// Numbers that Event Grid counts itself.
var counts = [
  {
    name: 'dead-letters'
    metric: 'DeadLetteredCount'
    meaning: 'Event Grid gave up telling the app of a file in the inbox, after a day or at once where the app refused it. The event lies in the container event-dead-letters; dropping the file again starts its edit.'
  }
  {
    name: 'dropped-events'
    metric: 'DroppedEventCount'
    meaning: 'Event Grid gave up on an event and could not even keep it: its identity lost the role on event-dead-letters, or the container is gone. Files of that time have no job.'
  }
]

// Each place asks every ten minutes. One that fails alone is the network between; two are the app.
var places = ['emea-nl-ams-azr', 'us-il-ch1-azr', 'apac-sg-sin-azr']

module mail 'br/public:avm/res/insights/action-group:0.8.0' = if (!empty(alertEmail)) {
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
      // Tables are only there once the first line was written to them.
      skipQueryValidation: true
      criterias: {
        allOf: [
          {
            query: question.query
            metricMeasureColumn: question.column
            timeAggregation: 'Maximum'
            operator: question.operator
            threshold: question.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroupResourceIds: people }
    }
  }
]

module counted 'br/public:avm/res/insights/metric-alert:0.4.1' = [
  for count in counts: {
    name: 'alert-${count.name}'
    params: {
      name: 'alert-${count.name}-${token}'
      tags: tags
      enableTelemetry: false
      alertDescription: count.meaning
      severity: 2
      scopes: [topicId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allof: [
          {
            name: count.name
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.EventGrid/systemTopics'
            metricName: count.metric
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      actions: map(people, id => { actionGroupId: id })
    }
  }
]

module asked 'br/public:avm/res/insights/webtest:0.3.2' = {
  name: 'health'
  params: {
    name: 'health-${token}'
    webTestName: 'health-${token}'
    location: location
    tags: tags
    enableTelemetry: false
    appInsightResourceId: insightsId
    locations: map(places, place => { Id: place })
    frequency: 600
    timeout: 30
    retryEnabled: true
    request: { RequestUrl: healthUrl, HttpVerb: 'GET' }
    validationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

module available 'br/public:avm/res/insights/metric-alert:0.4.1' = {
  name: 'alert-availability'
  params: {
    name: 'alert-availability-${token}'
    tags: tags
    enableTelemetry: false
    alertDescription: 'From two of three places the app did not answer /api/health with 200: it does not run, refuses its settings, or has no storage. Open the address yourself: it says which, and the log of the app says why.'
    severity: 1
    scopes: [asked.outputs.resourceId, insightsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      componentResourceId: insightsId
      webTestResourceId: asked.outputs.resourceId
      failedLocationCount: 2
    }
    actions: map(people, id => { actionGroupId: id })
  }
}
