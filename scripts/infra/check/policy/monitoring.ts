import { asText } from "../../evaluate/values.ts";
import type { Deployed } from "../../evaluate/world.ts";
import type { Shape } from "../../shapes.ts";
import {
  at,
  type Around,
  calls,
  eachDeployed,
  equals,
  listAt,
  missing,
  must,
  type Place,
  type Rule,
  textAt,
  valueAt,
} from "./rule.ts";

const insights = "insights/component";
const workspace = "operational-insights/workspace";
const query = "insights/scheduled-query-rule";
const metric = "insights/metric-alert";

function alerts(around: Around, check: (alert: Deployed, shape: Shape) => Place[]): Place[] {
  return eachDeployed(around, (shape) => [...calls(shape, query), ...calls(shape, metric)], check);
}

/** An alert whose question, or counted metric, is about this. */
function asked(about: RegExp, message: string): Rule["check"] {
  return ({ shapes }) =>
    shapes
      .filter((shape) => {
        const questions = calls(shape, query).flatMap(({ body }) =>
          listAt(body, "criterias.allOf").map((each) => textAt(each, "query")),
        );
        const counted = calls(shape, metric).flatMap(({ body }) =>
          listAt(body, "criteria.allof").map((each) => textAt(each, "metricName")),
        );
        return ![...questions, ...counted].some((text) => about.test(text));
      })
      .map(() => missing(message, "infra/modules/alerts.bicep"));
}

function minutes(duration: string): number {
  const [, hours = "0", rest = "0"] = /^PT(?:(\d+)H)?(?:(\d+)M)?$/.exec(duration) ?? [];
  return Number(hours) * 60 + Number(rest);
}

export const monitoringRules: Rule[] = [
  {
    name: "telemetry-without-keys",
    why: "The connection string is no secret only as long as nobody can write with it alone.",
    source: "Application Insights, Entra authentication",
    check: must({
      module: insights,
      path: "disableLocalAuth",
      is: equals(true),
      message: "Telemetry must need an identity.",
    }),
  },
  {
    name: "workspace-without-keys",
    why: "A workspace's key writes whatever logs it likes.",
    source: "Log Analytics, disable local authentication",
    check: must({
      module: workspace,
      path: "features.disableLocalAuth",
      is: equals(true),
      message: "Keys of the workspace must be off.",
    }),
  },
  {
    name: "telemetry-in-workspace",
    why: "Classic components, without a workspace, were retired in 2024.",
    source: "Application Insights, workspace-based resources",
    check: must({
      module: insights,
      path: "workspaceResourceId",
      is: (value) => asText(value) !== "",
      message: "Telemetry must lie in a workspace.",
    }),
  },
  {
    name: "addresses-masked",
    why: "Callers' addresses are personal data that nobody asked for.",
    source: "Application Insights, IP address masking",
    check: must({
      module: insights,
      path: "disableIpMasking",
      is: (value) => value !== true,
      message: "Callers' addresses must be masked.",
    }),
  },
  {
    name: "logs-end",
    why: "Logs that are kept for ever are paid for ever.",
    source: "Log Analytics, retention",
    check: must({
      module: workspace,
      path: "dataRetention",
      is: (value) => Number(value) >= 30 && Number(value) <= 365,
      message: "Logs must be kept for 30 to 365 days.",
    }),
  },
  {
    name: "alert-poison",
    why: "A file that failed five times is somebody's edit that will not come.",
    source: "src/index.ts, edit-inbox-poison",
    check: asked(/edit-inbox-poison/, "No alert on files that could not be handled."),
  },
  {
    name: "alert-dead-letters",
    why: "A dead letter is a file that the app was never told of.",
    source: "Event Grid, metrics of system topics",
    check: asked(/^DeadLetteredCount$/, "No alert on dead letters."),
  },
  {
    name: "alert-throttled",
    why: "429s are the first sign that quota is too small, long before jobs fail.",
    source: "docs/decisions/2026-11-21-telemetry.md",
    check: asked(/throttled|429/, "No alert on the share of 429s."),
  },
  {
    name: "alert-queued",
    why: "A job that waits for its start is an app that doesn't scale.",
    source: "docs/decisions/2026-11-21-telemetry.md",
    check: asked(/queue/, "No alert on jobs that wait."),
  },
  {
    name: "alerts-reach-somebody",
    why: "An alert that nobody is told of is a line in a portal.",
    source: "Azure Monitor, action groups",
    check: (around) =>
      alerts(around, (alert, { given }) => {
        const told = [
          ...listAt(alert.body, "actions.actionGroupResourceIds"),
          ...listAt(alert.body, "actions"),
        ];
        return asText(given["alertEmail"]) === "" || told.length > 0
          ? []
          : [at(alert, "actions", `${alert.name} must tell the address that is given.`)];
      }),
  },
  {
    name: "alert-windows",
    why: "Looked at less often than it looks back, an alert misses what happens between.",
    source: "Azure Monitor, log search alert rules",
    check: (around) =>
      alerts(around, (alert) => {
        const frequency = minutes(textAt(alert.body, "evaluationFrequency"));
        return frequency > 0 && frequency <= minutes(textAt(alert.body, "windowSize"))
          ? []
          : [at(alert, "windowSize", `${alert.name} must look back as far as it looks seldom.`)];
      }),
  },
  {
    name: "alerts-say-what-to-do",
    why: "Who is woken should be told what happened and what helps.",
    source: "docs/operations.md",
    check: (around) =>
      alerts(around, (alert) =>
        textAt(alert.body, "alertDescription").length >= 40
          ? []
          : [at(alert, "alertDescription", `${alert.name} must say what happened.`)],
      ),
  },
  {
    name: "alerts-are-on",
    why: "An alert that is off is worse than none: it is counted on.",
    source: "Azure Monitor, alert rules",
    check: (around) =>
      alerts(around, (alert) =>
        valueAt(alert.body, "enabled") === false ? [at(alert, "enabled", `${alert.name} must be on.`)] : [],
      ),
  },
];
