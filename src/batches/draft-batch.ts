import { checkShape } from "../contracts/check-shape.ts";
import { generationRequest } from "../contracts/requests.ts";
import { AppError, isOfRequest } from "../domain/app-error.ts";
import { type BatchLine, lineError } from "../domain/batch.ts";
import { chooseDeployment, type ResolvedDeployment } from "../domain/deployment.ts";
import { requireDeployment } from "../jobs/create-job-record.ts";
import type { BatchRecord, BatchRequest } from "../ports/batches.ts";
import type { Clock } from "../ports/clock.ts";
import { parseBatch } from "./parse-batch.ts";

export type BatchSource = Pick<BatchRecord, "id" | "caller" | "identity" | "file" | "format"> & {
  text: string;
};

export interface DraftedBatch {
  batch: BatchRecord;
  /** Of those lines that ask for something that can be had. */
  requests: BatchRequest[];
}

/**
 * A batch as it is first recorded: each line is checked as a request of its own, and one that is refused keeps none of the others.
 * Throws as `parseBatch` does for a text that is no batch.
 */
export async function draftBatch(
  { clock, offers }: { clock: Clock; offers: readonly ResolvedDeployment[] },
  { text, ...source }: BatchSource,
): Promise<DraftedBatch> {
  const requests: BatchRequest[] = [];
  const lines = (await parseBatch(source.format, text)).map((parsed): BatchLine => {
    const { line } = parsed;
    if (parsed.kind === "refused") return { line, state: "refused", error: parsed.error };
    try {
      const request = checkShape(parsed.value, generationRequest, "line");
      requireDeployment(chooseDeployment(request, offers));
      requests.push({ line, request });
      return { line, state: "waiting" };
    } catch (error) {
      if (!(error instanceof AppError) || !isOfRequest(error.code)) throw error;
      return { line, state: "refused", error: lineError(error) };
    }
  });
  return { batch: { ...source, createdAt: clock.now().toISOString(), lines }, requests };
}
