import type { Deployment } from "../deployments.ts";
import { asText, inEach, listAt, made, must, rule, type Rule, textAt, valueAt } from "./rule.ts";

const workspace = "Microsoft.OperationalInsights/workspaces";
const insights = "Microsoft.Insights/components";
const alertTypes = ["Microsoft.Insights/scheduledQueryRules", "Microsoft.Insights/metricAlerts"];

const alertsOf = (deployment: Deployment) => alertTypes.flatMap((type) => made(deployment, type));

function eachAlert(message: string, fits: (properties: unknown, deployment: Deployment) => boolean) {
  return inEach((deployment) =>
    alertsOf(deployment)
      .filter(({ properties }) => !fits(properties, deployment))
      .map(({ name }) => `${name} ${message}`),
  );
}

/** An alert whose question, or counted metric, is about this. */
function asked(about: RegExp): Rule["check"] {
  return inEach((deployment) => {
    const criteria = alertsOf(deployment).flatMap(({ properties }) => [
      ...listAt(properties, "criteria.allOf"),
      ...listAt(properties, "criteria.allof"),
    ]);
    const questions = criteria.flatMap((each) => [textAt(each, "query"), textAt(each, "metricName")]);
    return questions.some((text) => about.test(text)) ? [] : [`no alert asks for ${about.source}`];
  });
}

function minutes(duration: string): number {
  const [, hours = "0", rest = "0"] = /^PT(?:(\d+)H)?(?:(\d+)M)?$/.exec(duration) ?? [];
  return Number(hours) * 60 + Number(rest);
}

export const monitoringRules: Rule[] = [
  rule(
    "telemetry-without-keys",
    "The connection string is no secret only as long as nobody can write with it alone.",
    "Application Insights, Entra authentication",
    must(insights, "properties.DisableLocalAuth", true),
  ),
  rule(
    "workspace-without-keys",
    "A workspace's key writes whatever logs it likes.",
    "Log Analytics, disable local authentication",
    must(workspace, "properties.features.disableLocalAuth", true),
  ),
  rule(
    "telemetry-in-workspace",
    "Classic components, without a workspace, were retired in 2024.",
    "Application Insights, workspace-based resources",
    must(insights, "properties.WorkspaceResourceId", (value) => asText(value).includes("/workspaces/")),
  ),
  rule(
    "addresses-masked",
    "Callers' addresses are personal data that nobody asked for.",
    "Application Insights, IP address masking",
    must(insights, "properties.DisableIpMasking", (value) => value !== true),
  ),
  rule(
    "logs-end",
    "Logs that are kept for ever are paid for ever.",
    "Log Analytics, retention",
    must(workspace, "properties.retentionInDays", (value) => Number(value) >= 30 && Number(value) <= 365),
  ),
  rule(
    "workbook-shared",
    "The published type takes any word; a workbook of another kind is shown to nobody.",
    "Azure Monitor, workbooks by template",
    must("Microsoft.Insights/workbooks", "kind", "shared"),
  ),
  rule(
    "alert-poison",
    "A file that failed five times is somebody's edit that will not come.",
    "src/index.ts, edit-inbox-poison",
    asked(/edit-inbox-poison/),
  ),
  rule(
    "alert-dead-letters",
    "A dead letter is a file that the app was never told of.",
    "Event Grid, metrics of system topics",
    asked(/^DeadLetteredCount$/),
  ),
  rule(
    "alert-throttled",
    "429s are the first sign that quota is too small, long before jobs fail.",
    "docs/decisions/2026-11-21-telemetry.md",
    asked(/throttled|429/),
  ),
  rule(
    "alert-queued",
    "A job that waits for its start is an app that doesn't scale.",
    "docs/decisions/2026-11-21-telemetry.md",
    asked(/queue/),
  ),
  rule(
    "alert-waiting",
    "Calls that wait ever longer for quota end in jobs that are refused.",
    "docs/quota.md",
    asked(/darkroom\.call\.wait" \| summarize/),
  ),
  rule(
    "alert-breaker",
    "A deployment that is passed by makes nothing, and fails no job by which anyone would notice.",
    "docs/decisions/2026-11-30-quota.md",
    asked(/"service"/),
  ),
  rule(
    "alert-budget",
    "A budget that is used up stops a caller, and only somebody who may raise it can help.",
    "docs/quota.md",
    asked(/budgetExceeded/),
  ),
  rule(
    "alert-availability",
    "An app that doesn't run counts nothing, and so no other alert speaks.",
    "Application Insights, availability tests",
    inEach((deployment) => {
      const tests = made(deployment, "Microsoft.Insights/webtests").filter(
        ({ properties }) =>
          valueAt(properties, "Enabled") === true &&
          textAt(properties, "Request.RequestUrl").includes("/api/health'"),
      );
      const isWatched = made(deployment, "Microsoft.Insights/metricAlerts").some(({ properties }) =>
        tests.some(({ name }) =>
          textAt(properties, "criteria.webTestId").includes(`/Microsoft.Insights/webtests/${name}`),
        ),
      );
      return isWatched ? [] : ["no alert asks from outside whether the app answers"];
    }),
  ),
  rule(
    "alerts-reach-somebody",
    "An alert that nobody is told of is a line in a portal.",
    "Azure Monitor, action groups",
    eachAlert(
      "must tell the address that is given",
      (properties, { outputs }) =>
        outputs["DARKROOM_ALERT_EMAIL"] === "" ||
        listAt(properties, "actions").length + listAt(properties, "actions.actionGroups").length > 0,
    ),
  ),
  rule(
    "alert-windows",
    "Looked at less often than it looks back, an alert misses what happens between.",
    "Azure Monitor, log search alert rules",
    eachAlert("must look back as far as it looks seldom", (properties) => {
      const frequency = minutes(textAt(properties, "evaluationFrequency"));
      return frequency > 0 && frequency <= minutes(textAt(properties, "windowSize"));
    }),
  ),
  rule(
    "alerts-say-what-to-do",
    "Who is woken should be told what happened and what helps.",
    "docs/operations.md",
    eachAlert("must say what happened", (properties) => textAt(properties, "description").length >= 40),
  ),
  rule(
    "alerts-are-on",
    "An alert that is off is worse than none: it is counted on.",
    "Azure Monitor, alert rules",
    eachAlert("must be on", (properties) => valueAt(properties, "enabled") !== false),
  ),
];
