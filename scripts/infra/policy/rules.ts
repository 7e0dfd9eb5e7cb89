import { appRules } from "./app.ts";
import { azdRules } from "./azd.ts";
import { connectorRules } from "./connector.ts";
import { eventRules } from "./events.ts";
import { modelRules } from "./models.ts";
import { monitoringRules } from "./monitoring.ts";
import { networkRules } from "./network.ts";
import { repositoryRules } from "./repository.ts";
import { roleRules } from "./roles.ts";
import type { Rule, World } from "./rule.ts";
import { settingsRules } from "./settings.ts";
import { storageRules } from "./storage.ts";
import { templateRules } from "./templates.ts";
import { vaultRules } from "./vault.ts";

export const policyRules: Rule[] = [
  ...templateRules,
  ...azdRules,
  ...storageRules,
  ...vaultRules,
  ...modelRules,
  ...appRules,
  ...settingsRules,
  ...networkRules,
  ...eventRules,
  ...roleRules,
  ...monitoringRules,
  ...connectorRules,
  ...repositoryRules,
];

/** What the rules have against it, by the name of the rule. */
export function checkPolicy(world: World): Map<string, string[]> {
  const found = policyRules.map(({ name, check }) => [name, check(world)] as const);
  return new Map(found.filter(([, messages]) => messages.length > 0));
}
