import { AppError } from "../domain/app-error.ts";
import type { Endpoint } from "../http/endpoint.ts";
import type { PageParts } from "./page-get.ts";
import { respondFile } from "../http/static-file.ts";

const headers = {
  // A name holds the hash of what it names.
  "cache-control": "public, max-age=31536000, immutable",
  "cross-origin-resource-policy": "same-origin",
};

/** Scripts and styles of the gallery and the reference. */
export const assetsGet = ({ page }: Pick<PageParts, "page">): Endpoint => ({
  name: "assets-get",
  method: "GET",
  route: "assets/{name}",
  access: "public",
  async handle({ request, params }) {
    const name = params["name"] ?? "";
    const file = name.endsWith(".html") ? undefined : await page.read(name);
    if (!file)
      throw new AppError("notFound", "There is no such file. Load the page again: it may have changed.");
    return respondFile(request, file, headers);
  },
});
