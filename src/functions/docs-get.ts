import { AppError } from "../domain/app-error.ts";
import type { PageFiles } from "../ports/served-files.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondFile } from "../http/static-file.ts";

/**
 * The reference of this API. Scripts and styles are the app's own files; what the reader's browser may ask is this origin.
 * The library that renders it sets styles of elements, and knows nothing of trusted types.
 */
const headers = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cache-control": "no-cache",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

export const docsGet = ({ page }: { page: PageFiles }): Endpoint => ({
  name: "docs-get",
  method: "GET",
  route: "docs",
  access: "public",
  async handle({ request }) {
    const file = await page.read("reference.html");
    if (!file) throw new AppError("notFound", "The reference was not built: npm run build.");
    return respondFile(request, file, headers);
  },
});
