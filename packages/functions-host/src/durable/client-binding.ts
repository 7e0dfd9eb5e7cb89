/** Where the durable client API can be reached, for the binding below. */
export interface DurableAddresses {
  hubName: string;
  /** `localhost:7071`, as in WEBSITE_HOSTNAME. */
  hostName: string;
  systemKey: string;
  /** Base of the API for the SDK, with its trailing slash: the SDK resolves paths against it. */
  rpcBaseUrl: string;
}

/** The value of a durable client input binding (EXT Bindings/BindingHelper.cs, HttpApiHandler.cs). */
export function durableClientBinding(addresses: DurableAddresses, taskHub?: string): object {
  const { hostName, systemKey, rpcBaseUrl } = addresses;
  const taskHubName = taskHub ?? addresses.hubName;
  const code = `code=${systemKey}`;
  const baseUrl = webhookBase(hostName);
  const create = `${baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  return {
    taskHubName,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: { id: "INSTANCEID", ...managementUrls(addresses, "INSTANCEID", taskHubName) },
    baseUrl,
    requiredQueryStringParameters: code,
    rpcBaseUrl,
    httpBaseUrl: null,
  };
}

/** The links of one instance. */
export function managementUrls(
  { hostName, systemKey, hubName }: DurableAddresses,
  id: string,
  taskHub = hubName,
): Record<string, string> {
  const instance = `${webhookBase(hostName)}/instances/${id}`;
  const query = `taskHub=${taskHub}&connection=AzureWebJobsStorage&code=${systemKey}`;
  return {
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

function webhookBase(hostName: string): string {
  return `http://${hostName}/runtime/webhooks/durabletask`;
}
