/** Whose right it is: the Functions host's, the code's own, or the event topic's. */
export type Holder = "host" | "data" | "topic";

/**
 * One right, and the call that needs it. `call` stands in `by`; where Microsoft's own code makes the call, `by` is what
 * has it make the call: a trigger, a binding, or a setting of ours.
 */
export interface RoleCall {
  holder: Holder;
  role: string;
  /** The end of the id of what it is on: `containers/images`, or a type where the account as a whole is meant. */
  on: string;
  by: string;
  call: string;
  /** Only where this backend is chosen. */
  backend?: "DurableTaskScheduler";
}

/** Ids of the roles that are ours to give, by their names. */
export const roleIds: Record<string, string> = {
  "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  "Storage Blob Delegator": "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
  "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
  "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
  "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
  "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
  "Cognitive Services OpenAI User": "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
  "Durable Task Data Contributor": "0ad04412-c4d5-4796-b79c-f76d14c8d402",
};

const account = "Microsoft.Storage/storageAccounts";

/** Every right there is, one to one with the calls. A right that isn't here, or isn't given, is a finding. */
export const roleCalls: RoleCall[] = [
  {
    holder: "host",
    role: "Storage Blob Data Owner",
    on: account,
    by: "src/index.ts",
    call: "app.storageBlob(",
  },
  {
    holder: "host",
    role: "Storage Queue Data Contributor",
    on: account,
    by: "src/index.ts",
    call: "app.storageQueue(",
  },
  {
    holder: "host",
    role: "Storage Table Data Contributor",
    on: account,
    by: "src/index.ts",
    call: "durable.app.orchestration(",
  },
  {
    holder: "host",
    role: "Key Vault Secrets User",
    on: "Microsoft.KeyVault/vaults",
    by: "infra/modules/app.bicep",
    call: "@Microsoft.KeyVault(SecretUri=",
  },
  {
    holder: "host",
    role: "Monitoring Metrics Publisher",
    on: "Microsoft.Insights/components",
    by: "infra/modules/app.bicep",
    call: "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
  },
  {
    holder: "host",
    role: "Durable Task Data Contributor",
    on: "Microsoft.DurableTask/schedulers",
    by: "infra/modules/app.bicep",
    call: "Authentication=ManagedIdentity",
    backend: "DurableTaskScheduler",
  },
  {
    holder: "data",
    role: "Storage Blob Delegator",
    on: account,
    by: "src/adapters/storage/links.ts",
    call: ".getUserDelegationKey(",
  },
  {
    holder: "data",
    role: "Storage Blob Data Contributor",
    on: "containers/images",
    by: "src/adapters/storage/image-store.ts",
    call: '"images"',
  },
  {
    holder: "data",
    role: "Storage Blob Data Contributor",
    on: "containers/uploads",
    by: "src/adapters/storage/upload-store.ts",
    call: 'container("uploads")',
  },
  {
    holder: "data",
    role: "Storage Blob Data Contributor",
    on: "containers/edit-results",
    by: "src/adapters/storage/result-store.ts",
    call: '"edit-results"',
  },
  {
    holder: "data",
    role: "Storage Blob Data Contributor",
    on: "containers/generate-results",
    by: "src/adapters/storage/result-store.ts",
    call: '"generate-results"',
  },
  {
    holder: "data",
    role: "Storage Blob Data Contributor",
    on: "containers/batches",
    by: "src/adapters/storage/batch-store.ts",
    call: 'getContainerClient("batches")',
  },
  {
    holder: "data",
    role: "Storage Blob Data Reader",
    on: "containers/edit-inbox",
    by: "src/adapters/storage/upload-store.ts",
    call: 'container("edit-inbox")',
  },
  {
    holder: "data",
    role: "Storage Blob Data Reader",
    on: "containers/generate-inbox",
    by: "src/adapters/storage/upload-store.ts",
    call: 'container("generate-inbox")',
  },
  {
    // Tables are made, and rows written several at once, through the account's own address.
    holder: "data",
    role: "Storage Table Data Contributor",
    on: account,
    by: "src/adapters/storage/tables.ts",
    call: "service.createTable(",
  },
  {
    holder: "data",
    role: "Cognitive Services OpenAI User",
    on: "Microsoft.CognitiveServices/accounts",
    by: "src/adapters/openai/image-models.ts",
    call: "new AzureOpenAI(",
  },
  {
    holder: "topic",
    role: "Storage Blob Data Contributor",
    on: "containers/event-dead-letters",
    by: "infra/subscription.bicep",
    call: "param deadLetterContainer string",
  },
];
