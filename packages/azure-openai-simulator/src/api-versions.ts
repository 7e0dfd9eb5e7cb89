import type { Family } from "./models.ts";
import { resourceNotFound } from "./service-error.ts";
import type { Call } from "./wire.ts";

/** Versions the service has published, oldest first. */
const published = [
  "2023-06-01-preview",
  "2023-07-01-preview",
  "2023-08-01-preview",
  "2023-09-01-preview",
  "2023-12-01-preview",
  "2024-02-01",
  "2024-02-15-preview",
  "2024-03-01-preview",
  "2024-04-01-preview",
  "2024-05-01-preview",
  "2024-06-01",
  "2024-07-01-preview",
  "2024-08-01-preview",
  "2024-09-01-preview",
  "2024-10-01-preview",
  "2024-10-21",
  "2024-12-01-preview",
  "2025-01-01-preview",
  "2025-02-01-preview",
  "2025-03-01-preview",
  "2025-04-01-preview",
];

/** First and last version that carries a family: submit and poll ended when DALL-E 3 became synchronous. */
const carried: Readonly<Record<Family, readonly [string, string]>> = {
  "dall-e-2": ["2023-06-01-preview", "2023-12-01-preview"],
  "dall-e-3": ["2023-12-01-preview", "2025-04-01-preview"],
  "gpt-image": ["2025-04-01-preview", "2025-04-01-preview"],
};

function versionOf(call: Call): string | undefined {
  return call.query.get("api-version") ?? undefined;
}

export function requireDatedVersion(call: Call, family: Family): void {
  const position = published.indexOf(versionOf(call) ?? "");
  const [first, last] = carried[family];
  if (position < published.indexOf(first) || position > published.indexOf(last)) throw resourceNotFound();
}

/** [A1] v1 needs no version and knows `preview`; the seed's sample sends it as a header `api_version` [S3]. */
export function requireUndatedVersion(call: Call): void {
  const version = versionOf(call) ?? call.headers["api-version"] ?? call.headers.api_version;
  if (version !== undefined && version !== "preview" && version !== "latest" && version !== "v1") {
    throw resourceNotFound();
  }
}
