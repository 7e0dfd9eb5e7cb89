import type { Rule } from "./rule.ts";
import { storageRules } from "./storage.ts";

export const policyRules: Rule[] = [...storageRules];
