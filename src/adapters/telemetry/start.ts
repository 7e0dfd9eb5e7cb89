import type { TokenCredential } from "@azure/identity";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { type Listener, openTelemetry } from "./opentelemetry.ts";
import type { Telemetry } from "./telemetry.ts";

export interface TelemetrySettings {
  /** Address of an OpenTelemetry collector, without a path for each signal. */
  otlpEndpoint?: string;
  applicationInsights?: {
    connectionString: string;
    /** Whether it is an identity that may tell it something, and which of several. */
    identity?: { clientId?: string };
  };
  serviceName: string;
  intervalMs: number;
}

/**
 * Telemetry to the one who the settings name. This file and what it imports are the part that is loaded only then
 * (docs/decisions/2026-11-21-telemetry.md).
 */
export async function startTelemetry(
  settings: TelemetrySettings,
  credential: (clientId: string | undefined) => TokenCredential,
): Promise<Telemetry> {
  const { otlpEndpoint, applicationInsights } = settings;
  const listeners: Listener[] = [];
  if (otlpEndpoint !== undefined) listeners.push(collectorAt(otlpEndpoint));
  if (applicationInsights) listeners.push(await insightsBy(applicationInsights, credential));
  return openTelemetry({ ...settings, listeners });
}

function collectorAt(endpoint: string): Listener {
  const base = endpoint.replace(/\/+$/, "");
  return {
    spans: new OTLPTraceExporter({ url: `${base}/v1/traces` }),
    numbers: new OTLPMetricExporter({ url: `${base}/v1/metrics` }),
  };
}

async function insightsBy(
  { connectionString, identity }: NonNullable<TelemetrySettings["applicationInsights"]>,
  credential: (clientId: string | undefined) => TokenCredential,
): Promise<Listener> {
  const { AzureMonitorMetricExporter, AzureMonitorTraceExporter } =
    await import("@azure/monitor-opentelemetry-exporter");
  const options = {
    connectionString,
    // What can't be sent is dropped: an instance's disk is no archive, and goes with it.
    disableOfflineStorage: true,
    ...(identity && { credential: credential(identity.clientId) }),
  };
  return { spans: new AzureMonitorTraceExporter(options), numbers: new AzureMonitorMetricExporter(options) };
}
