import { jsonReply, type Dialect, type Reply } from "./wire.ts";

interface Detail {
  readonly param?: string | null;
  readonly type?: string;
}

/** The service saying no. Rendered once, by dialect, where a reply leaves the simulator. */
export class ServiceError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly detail: Detail;

  constructor(status: number, code: string | null, message: string, detail: Detail = {}) {
    super(message);
    this.name = "ServiceError";
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

export function invalidRequest(code: string | null, message: string, param: string | null): ServiceError {
  return new ServiceError(400, code, message, { param, type: "invalid_request_error" });
}

export function resourceNotFound(): ServiceError {
  return new ServiceError(404, "404", "Resource not found");
}

/** [A4] */
export function deploymentNotFound(): ServiceError {
  const message =
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.";
  return new ServiceError(404, "DeploymentNotFound", message);
}

/** [A8] the asynchronous API's own words for a status. */
const legacyCodes: Readonly<Record<number, string>> = {
  400: "badRequest",
  401: "unauthorized",
  404: "notFound",
  429: "tooManyRequests",
};

/** Its own codes pass; those of the synchronous API become the word for their status. */
function legacyCode({ code, status, detail }: ServiceError): string {
  const foreign = detail.type !== undefined || /^\d+$/.test(code ?? "");
  return foreign || code === null ? (legacyCodes[status] ?? "internal") : code;
}

/** The `error` object of the synchronous API. */
export function errorObject(
  dialect: Dialect,
  { status, message, code, detail }: ServiceError,
): Readonly<Record<string, unknown>> {
  if (dialect !== "openai") return { code, message, ...detail };
  // [O1] the error object needs all four.
  const type = detail.type ?? (status >= 500 ? "server_error" : "invalid_request_error");
  return { message, type, param: detail.param ?? null, code };
}

export function errorReply(dialect: Dialect, error: ServiceError): Reply {
  if (dialect === "blob") return blobErrorReply(error);
  if (dialect === "legacy") {
    const name = legacyCode(error);
    return jsonReply(
      error.status,
      { error: { code: name, message: error.message } },
      { "x-ms-error-code": name },
    );
  }
  return jsonReply(error.status, { error: errorObject(dialect, error) });
}

/** Blob storage answers in XML. */
function blobErrorReply({ status, code, message }: ServiceError): Reply {
  const name = code ?? String(status);
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${name}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    headers: { "content-type": "application/xml", "x-ms-error-code": name },
    body: Buffer.from(xml),
  };
}
