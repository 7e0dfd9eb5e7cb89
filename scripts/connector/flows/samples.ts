/** The sample workflows, by the names of their files. */
export const sampleNames = [
  "mail-a-picture",
  "edit-a-new-file",
  "pictures-for-a-list",
  "catch-a-refusal",
] as const;
export type SampleName = (typeof sampleNames)[number];

export const deploymentFolder = new URL("../../../infra/connector/", import.meta.url);
export const workflowsFolder = new URL("workflows/", deploymentFolder);
