import { AppError } from "../domain/app-error.ts";
import type { PageFiles } from "../ports/served-files.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { respondFile } from "../http/static-file.ts";

export interface PageParts {
  page: PageFiles;
  /** Where links to images lead: the one other origin that the page may show something from. */
  imageOrigin: string;
}

/**
 * The gallery. Prompts and the service's own words are hostile text, and the key lies in the tab: nothing inline runs,
 * nothing is loaded from elsewhere, and text can't become markup (trusted types).
 */
export const pageGet = ({ page, imageOrigin }: PageParts): Endpoint => {
  const headers = {
    "content-security-policy": policy(imageOrigin),
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-frame-options": "DENY",
  };
  return {
    name: "page-get",
    method: "GET",
    // An empty route means "the function's name" to the host; this template is the way to say "/".
    route: "{root:maxlength(0)?}",
    access: "public",
    async handle({ request }) {
      const file = await page.read("index.html");
      if (!file) throw new AppError("notFound", "The page was not built: npm run build.");
      return respondFile(request, file, headers);
    },
  };
};

function policy(imageOrigin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: data: ${imageOrigin}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}
