import { readConfig } from "../../src/config/config.ts";
import { ConfigurationError, type Environment } from "../../src/config/settings.ts";

export const hashOfKey = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** The least that starts. */
export const leastSettings = {
  AzureWebJobsStorage: "UseDevelopmentStorage=true",
  IMAGES_STORAGE: "UseDevelopmentStorage=true",
  API_KEYS: JSON.stringify({ phone: hashOfKey }),
  SIGNING_KEY: "k".repeat(32),
  AZURE_OPENAI_ENDPOINT: "https://res.openai.azure.com",
  DALLE3_DEPLOYMENT: "dalle3",
};

export const settingsWith = (change: Environment = {}) => readConfig({ ...leastSettings, ...change });

/** What the app says is to be mended; nothing when it starts. */
export function problemsWith(change: Environment = {}): readonly string[] {
  try {
    settingsWith(change);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

/** IMAGE_DEPLOYMENTS, in place of the short form. */
export const listed = (...deployments: object[]) => ({
  AZURE_OPENAI_ENDPOINT: undefined,
  DALLE3_DEPLOYMENT: undefined,
  IMAGE_DEPLOYMENTS: JSON.stringify(deployments),
});
