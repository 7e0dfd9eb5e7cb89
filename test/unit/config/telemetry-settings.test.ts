import { expect, it } from "vitest";
import { problemsWith, settingsWith } from "../../support/settings.ts";

const insights = `InstrumentationKey=${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)};IngestionEndpoint=https://in.example/`;

it("nobody is told anything unless a listener is named", () => {
  expect(settingsWith().telemetry).toBeUndefined();
  expect(settingsWith({ OTEL_SERVICE_NAME: "alone" }).telemetry).toBeUndefined();
});

it("a collector and Application Insights may both listen", () => {
  expect(
    settingsWith({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights,
      OTEL_METRIC_EXPORT_INTERVAL: "5000",
    }).telemetry,
  ).toEqual({
    serviceName: "darkroom",
    otlpEndpoint: "http://127.0.0.1:4318",
    applicationInsights: { connectionString: insights },
    intervalMs: 5_000,
  });
});

it.each([
  ["Authorization=AAD", {}],
  ["ClientId=abc;Authorization=AAD", { clientId: "abc" }],
  ["authorization=aad; clientid=abc", { clientId: "abc" }],
])("%s names an identity", (authentication, identity) => {
  const { telemetry } = settingsWith({
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights,
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication,
  });
  expect(telemetry?.applicationInsights).toEqual({ connectionString: insights, identity });
});

it("the service is called as OpenTelemetry's setting says, or as its app in Azure", () => {
  const emitted = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c", WEBSITE_SITE_NAME: "func-x" };
  expect(settingsWith(emitted).telemetry?.serviceName).toBe("func-x");
  expect(settingsWith({ ...emitted, OTEL_SERVICE_NAME: "mine" }).telemetry?.serviceName).toBe("mine");
});

it("OTEL_SDK_DISABLED silences it", () => {
  const emitted = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c", OTEL_SDK_DISABLED: "true" };
  expect(settingsWith(emitted).telemetry).toBeUndefined();
});

it("what can't be used is said at start, by name and without its value", () => {
  const problems = problemsWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: "canary-endpoint",
    APPLICATIONINSIGHTS_CONNECTION_STRING: "canary-connection",
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: "canary-authentication",
  });
  expect(problems).toHaveLength(3);
  expect(problems.join()).toMatch(
    /OTEL_EXPORTER_OTLP_ENDPOINT[^]*CONNECTION_STRING[^]*AUTHENTICATION_STRING/,
  );
  expect(problems.join()).not.toContain("canary");
});
