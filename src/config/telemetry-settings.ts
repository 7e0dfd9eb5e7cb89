import type { Settings } from "./settings.ts";
import type { TelemetrySettings } from "../adapters/telemetry/start.ts";

/**
 * Who is told what Darkroom does, by the names that the Functions host and OpenTelemetry give these settings; undefined
 * when nobody is. Problems never repeat a value: a connection string opens the door it leads to.
 */
export function readTelemetry(settings: Settings): TelemetrySettings | undefined {
  const otlpEndpoint = readEndpoint(settings);
  const applicationInsights = readInsights(settings);
  const intervalMs = settings.number("OTEL_METRIC_EXPORT_INTERVAL", {
    usual: 60_000,
    minimum: 100,
    maximum: 3_600_000,
  });
  if (otlpEndpoint === undefined && !applicationInsights) return undefined;
  if (settings.get("OTEL_SDK_DISABLED")?.toLowerCase() === "true") return undefined;
  return {
    // The host calls itself by the app's name in Azure; both are one service.
    serviceName: settings.get("OTEL_SERVICE_NAME") ?? settings.get("WEBSITE_SITE_NAME") ?? "darkroom",
    intervalMs,
    ...(otlpEndpoint !== undefined && { otlpEndpoint }),
    ...(applicationInsights && { applicationInsights }),
  };
}

function readEndpoint(settings: Settings): string | undefined {
  const endpoint = settings.get("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (endpoint === undefined || /^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) return endpoint;
  settings.problem("OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https address.");
  return undefined;
}

function readInsights(settings: Settings): TelemetrySettings["applicationInsights"] {
  const connectionString = settings.get("APPLICATIONINSIGHTS_CONNECTION_STRING");
  if (connectionString === undefined) return undefined;
  if (!/(^|;)InstrumentationKey=[0-9a-f-]{36}(;|$)/i.test(connectionString))
    settings.problem("APPLICATIONINSIGHTS_CONNECTION_STRING must name an InstrumentationKey.");
  const authentication = settings.get("APPLICATIONINSIGHTS_AUTHENTICATION_STRING");
  if (authentication === undefined) return { connectionString };
  const parts = new Map(
    authentication.split(";").map((part) => {
      const [name = "", value = ""] = part.split("=");
      return [name.trim().toLowerCase(), value.trim()];
    }),
  );
  if (parts.get("authorization")?.toUpperCase() !== "AAD")
    settings.problem(
      "APPLICATIONINSIGHTS_AUTHENTICATION_STRING must be Authorization=AAD, with ClientId=… where there are several identities.",
    );
  const clientId = parts.get("clientid");
  return { connectionString, identity: clientId ? { clientId } : {} };
}
