import type { HttpRequest } from "@azure/functions";
import type * as z from "zod";
import { checkShape } from "../contracts/check-shape.ts";
import { AppError } from "../domain/app-error.ts";
import { readQuery } from "../functions/jobs-list.ts";
import { readJson } from "../http/read-body.ts";
import { readInputs } from "./contracts/read-inputs.ts";

/** A JSON body as workflows send it. Throws as `readJsonBody` does. */
export async function readInputBody<T>(
  request: HttpRequest,
  schema: z.ZodObject & z.ZodType<T>,
  maximumBytes: number,
): Promise<T> {
  return checkShape(readInputs(await readWithin(request, maximumBytes), schema), schema);
}

const smallBodyBytes = 4_096;

/** The body of a small form. A designer that has nothing to send sends none. */
export async function readOptionalBody<T extends object>(
  { request }: { request: HttpRequest },
  schema: z.ZodObject & z.ZodType<T>,
): Promise<Partial<T>> {
  const isEmpty = request.headers.get("content-length") === "0" || !request.headers.has("content-type");
  return isEmpty ? {} : readInputBody(request, schema, smallBodyBytes);
}

/** Parameters likewise. */
export function readInputQuery<T>(request: HttpRequest, schema: z.ZodObject & z.ZodType<T>): T {
  return checkShape(readInputs(readQuery(request), schema), schema, "query");
}

/** An author knows files, and not the body that they are sent in. */
async function readWithin(request: HttpRequest, maximumBytes: number): Promise<unknown> {
  try {
    return await readJson(request, maximumBytes);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "tooLarge") throw error;
    const megabytes = maximumBytes / 1024 / 1024;
    const limit =
      megabytes < 1
        ? `${maximumBytes / 1024} KB`
        : `${megabytes} MB, which are ${megabytes * 0.75} MB of files`;
    throw new AppError(
      "tooLarge",
      `All fields of this action together may have ${limit}. Give larger files by their address, in the URL of an image, or by Image ID.`,
      { cause: error },
    );
  }
}
