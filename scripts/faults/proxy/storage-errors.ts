import type { FaultReply } from "./fault-reply.ts";
import type { ProxiedRequest } from "./proxied-request.ts";
import { isTransaction } from "./storage-request.ts";

/** What Azure Storage says with each status: learn.microsoft.com/rest/api/storageservices, "Common", "Blob" and "Table" error codes. */
const codes: Record<number, { blob: string; table: string }> = {
  403: { blob: "AuthenticationFailed", table: "AuthenticationFailed" },
  404: { blob: "BlobNotFound", table: "ResourceNotFound" },
  409: { blob: "BlobAlreadyExists", table: "EntityAlreadyExists" },
  412: { blob: "ConditionNotMet", table: "UpdateConditionNotSatisfied" },
  500: { blob: "InternalError", table: "InternalError" },
  503: { blob: "ServerBusy", table: "ServerBusy" },
};

// These are said of one entity; a transaction carries them inside.
const ofOneEntity = [404, 409, 412];

export function storageError(request: ProxiedRequest, status: number, named?: string): FaultReply {
  const isTable = request.service === "table";
  const code = named ?? codes[status]?.[isTable ? "table" : "blob"] ?? "InternalError";
  const shared = {
    "x-ms-error-code": code,
    "x-ms-request-id": "00000000-0000-0000-0000-000000000000",
    "x-ms-version": "2024-08-04",
  };
  if (!isTable) {
    const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}: a planned fault.</Message></Error>`;
    return { status, headers: { ...shared, "content-type": "application/xml" }, body: xml };
  }
  const json = JSON.stringify({
    "odata.error": { code, message: { lang: "en-US", value: `${code}: a planned fault.` } },
  });
  const contentType = "application/json;odata=minimalmetadata;charset=utf-8";
  if (isTransaction(request) && ofOneEntity.includes(status)) return insideTransaction(status, code, json);
  return { status, headers: { ...shared, "content-type": contentType }, body: json };
}

/** A transaction that failed is answered 202, and the first fault stands in its only part. */
function insideTransaction(status: number, code: string, json: string): FaultReply {
  const lines = [
    "--batchresponse_faults",
    "Content-Type: multipart/mixed; boundary=changesetresponse_faults",
    "",
    "--changesetresponse_faults",
    "Content-Type: application/http",
    "Content-Transfer-Encoding: binary",
    "",
    `HTTP/1.1 ${status} ${code}`,
    "X-Content-Type-Options: nosniff",
    "DataServiceVersion: 3.0;",
    "Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8",
    "",
    json.replace('"value":"', '"value":"0:'),
    "--changesetresponse_faults--",
    "--batchresponse_faults--",
    "",
  ];
  return {
    status: 202,
    headers: { "content-type": "multipart/mixed; boundary=batchresponse_faults" },
    body: lines.join("\r\n"),
  };
}
