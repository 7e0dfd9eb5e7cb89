import { existsSync, readFileSync } from "node:fs";

/** The `Values` of a local.settings.json as environment variables; empty when there is no file. */
export function readLocalSettings(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  let content: { IsEncrypted?: boolean; Values?: Record<string, unknown> };
  try {
    content = JSON.parse(readFileSync(file, "utf8")) as typeof content;
  } catch (error) {
    throw new Error(`${file} is not valid JSON.`, { cause: error });
  }
  if (content.IsEncrypted)
    throw new Error(`${file} is encrypted; decrypt it with the Functions tools first.`);
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(content.Values ?? {})) {
    // Absent on purpose (CT Common/AppSettingsFile.cs).
    if (value === null) continue;
    if (typeof value === "string") settings[name] = value;
    else if (typeof value === "number" || typeof value === "boolean") settings[name] = String(value);
    else throw new Error(`${file}: the value of ${name} must be text.`);
  }
  return settings;
}

/** Fills in settings; a variable the environment already has wins (CT Actions/HostActions/StartHostAction.cs). */
export function mergeSettings(
  environment: Readonly<Record<string, string | undefined>>,
  settings: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return { ...settings, ...environment };
}
