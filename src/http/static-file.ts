import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { PageFile } from "../ports/served-files.ts";

/** A file of the page, compressed if the client takes that; `304` when it has it already. */
export function respondFile(
  request: HttpRequest,
  file: PageFile,
  headers: Record<string, string>,
): HttpResponseInit {
  const encoding = accepted(request.headers.get("accept-encoding"));
  const shared = {
    ...headers,
    "content-type": file.contentType,
    etag: `"${file.tag}-${encoding}"`,
    vary: "accept-encoding",
  };
  if (request.headers.get("if-none-match")?.includes(shared.etag)) return { status: 304, headers: shared };
  return {
    status: 200,
    headers: { ...shared, ...(encoding !== "identity" && { "content-encoding": encoding }) },
    body: file.bytes[encoding],
  };
}

/** Browsers offer brotli on secure connections only, gzip everywhere. */
function accepted(header: string | null): keyof PageFile["bytes"] {
  const offers = (header ?? "").toLowerCase().split(",");
  const takes = (name: string) =>
    offers.some((offer) => new RegExp(`^\\s*${name}\\s*(;\\s*q=(?!0(\\.0*)?\\s*$).*)?$`).test(offer));
  return takes("br") ? "br" : takes("gzip") ? "gzip" : "identity";
}
