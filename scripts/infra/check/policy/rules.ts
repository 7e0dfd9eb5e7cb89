import { appRules } from "./app.ts";
import { containerRules } from "./containers.ts";
import { eventRules } from "./events.ts";
import { hostSettingsRules } from "./host-settings.ts";
import { mainTemplateRules } from "./main-template.ts";
import { modelRules } from "./models.ts";
import { monitoringRules } from "./monitoring.ts";
import { networkRules } from "./network.ts";
import { repositoryRules } from "./repository.ts";
import { roleRules } from "./roles.ts";
import type { Rule } from "./rule.ts";
import { secretRules } from "./secrets.ts";
import { settingsRules } from "./settings.ts";
import { storageRules } from "./storage.ts";
import { templateRules } from "./templates.ts";
import { vaultRules } from "./vault.ts";

export const policyRules: Rule[] = [
  ...templateRules,
  ...mainTemplateRules,
  ...secretRules,
  ...storageRules,
  ...containerRules,
  ...vaultRules,
  ...modelRules,
  ...appRules,
  ...settingsRules,
  ...hostSettingsRules,
  ...networkRules,
  ...eventRules,
  ...roleRules,
  ...monitoringRules,
  ...repositoryRules,
];
