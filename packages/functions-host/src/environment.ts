/** The variables an app may expect of its platform. They must be set before the app is loaded. */
export function platformVariables(appDirectory: string, port: number): Record<string, string> {
  return {
    // Without it the durable SDK rewrites its links to port 7071 (DJS durableClient/getClient.ts).
    WEBSITE_HOSTNAME: `localhost:${port}`,
    AZURE_FUNCTIONS_ENVIRONMENT: "Development",
    AzureWebJobsScriptRoot: appDirectory,
    FUNCTIONS_WORKER_RUNTIME: "node",
    FUNCTIONS_EXTENSION_VERSION: "~4",
  };
}
