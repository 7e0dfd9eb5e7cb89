/** What the connector says of itself. Addresses are placeholders: anyone who publishes it puts their own here. */
export const about = {
  title: "Darkroom",
  description:
    "Makes and edits images with Azure OpenAI's image models as jobs that survive retries, keeps the results in your own storage, and answers with links.",
  /** For a model that chooses among plugins. */
  modelDescription:
    "Makes images from a prompt and edits images that it has made, by their image ID. Choose it when somebody wants a picture, or a picture changed. Generating and editing wait for the images; submitting returns a job ID to ask for later.",
  version: "1.0.0",
  publisher: "Darkroom",
  contact: {
    name: "Darkroom",
    url: "https://darkroom.example.com",
    email: "support@example.com",
  },
  website: "https://darkroom.example.com",
  privacy: "https://darkroom.example.com/privacy",
  categories: "AI;Content and Files",
  brandColor: "#8C1C13",
} as const;

/** Where the connector is to be used, and by which registration people sign in. None of it is a secret. */
export interface Place {
  host: string;
  clientId: string;
  tenantId: string;
  /** What the registration calls the app: the audience that App Service is told to accept. */
  resourceUri: string;
}

/**
 * Placeholders, in what is committed. The host is replaced by the service URL, or by the address in the connection; the
 * rest by `npm run connector -- --into FOLDER …`.
 */
export const nowhere: Place = {
  host: "darkroom.example.com",
  clientId: "00000000-0000-0000-0000-000000000000",
  tenantId: "common",
  resourceUri: "api://darkroom.example.com",
};
