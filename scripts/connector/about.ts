/** What the connector says of itself. Addresses are placeholders: whoever publishes it puts their own here. */
export const about = {
  title: "Darkroom",
  description:
    "Makes and edits images with Azure OpenAI's image models as jobs that survive retries, keeps the results in your own storage, and answers with links.",
  version: "1.0.0",
  publisher: "Darkroom",
  contact: {
    name: "Darkroom",
    url: "https://darkroom.example.com",
    email: "support@example.com",
  },
  /** Replaced where it is deployed: by the service URL, or by the address in the connection. */
  host: "darkroom.example.com",
  website: "https://darkroom.example.com",
  privacy: "https://darkroom.example.com/privacy",
  categories: "AI;Content and Files",
  brandColor: "#8C1C13",
} as const;
