import type { FormRecord } from "./edits/form.ts";
import type { CallEntry } from "./ledger.ts";
import { asksForImages } from "./wire.ts";

export interface LedgerFilter {
  readonly model: string | null;
  readonly deployment: string | null;
  readonly promptIncludes: string | null;
}

/** What `GET /simulator/ledger` shows of the calls that pass the filter. */
export function viewLedger(all: readonly CallEntry[], filter: LedgerFilter): unknown {
  const entries = all.filter((entry) => passes(entry, filter));
  const work = entries.filter(({ route }) => asksForImages(route));
  return {
    calls: entries.map(viewCall),
    operations: viewOperations(entries),
    totals: {
      calls: entries.length,
      generations: work.length,
      billed_calls: entries.filter(({ imagesBilled }) => imagesBilled > 0).length,
      images_billed: entries.reduce((sum, { imagesBilled }) => sum + imagesBilled, 0),
      client_hung_up: entries.filter(({ clientHungUp }) => clientHungUp).length,
      by_status: countBy(entries, ({ status }) => String(status ?? "none")),
    },
    in_flight: work.filter(({ workTo }) => workTo === undefined).length,
    in_flight_max: inFlightMaximum(work),
    in_flight_max_by_deployment: Object.fromEntries(
      grouped(work, deploymentOf).map(([deployment, calls]) => [deployment, inFlightMaximum(calls)]),
    ),
  };
}

function passes(entry: CallEntry, { model, deployment, promptIncludes }: LedgerFilter): boolean {
  return (
    (model === null || entry.model === model) &&
    (deployment === null || entry.deployment === deployment) &&
    (promptIncludes === null || entry.prompt?.includes(promptIncludes) === true)
  );
}

/** DALL-E 2 names no deployment [S0]; its model stands in. */
function deploymentOf({ deployment, model }: CallEntry): string {
  return deployment ?? model ?? "none";
}

function viewCall(entry: CallEntry): unknown {
  return {
    id: entry.id,
    time: new Date(entry.startedAt).toISOString(),
    route: entry.route,
    method: entry.method,
    path: entry.path,
    api_version: entry.apiVersion,
    model: entry.model,
    deployment: entry.deployment,
    prompt: entry.prompt,
    prompt_sha256: entry.promptSha256,
    ...viewForm(entry.form),
    operation_id: entry.operationId,
    operation_status: entry.operationStatus,
    faults: entry.faults,
    status: entry.status ?? null,
    retry_after_ms: entry.retryAfterMs,
    outcome: entry.imagesBilled > 0 ? "billed" : "not_billed",
    images_billed: entry.imagesBilled,
    started_at: entry.startedAt,
    finished_at: entry.finishedAt ?? null,
    client_hung_up: entry.clientHungUp,
    stream: viewStream(entry),
  };
}

function viewStream({ stream, clientHungUp, finishedAt }: CallEntry): unknown {
  if (stream === undefined) return undefined;
  const { partials, completedAt, erredAt } = stream;
  const left_at = clientHungUp ? finishedAt : undefined;
  return { partials, completed_at: completedAt, erred_at: erredAt, left_at };
}

function viewForm(form: FormRecord | undefined): Readonly<Record<string, unknown>> {
  return {
    input_images: form?.inputImages,
    mask: form?.mask,
    parts: form?.parts.map(({ name, fileName, contentType, length, sha256 }) => ({
      name,
      file_name: fileName,
      content_type: contentType,
      length,
      sha256,
    })),
  };
}

function viewOperations(entries: readonly CallEntry[]): unknown[] {
  const known = entries.filter(({ operationId }) => operationId !== undefined);
  return grouped(known, ({ operationId }) => operationId).map(([id, calls]) => ({
    id,
    submitted_at: calls.find(({ route }) => route === "submit")?.startedAt ?? null,
    polls: calls
      .filter(({ route }) => route === "poll")
      .map(({ startedAt, status, operationStatus, retryAfterMs }) => ({
        at: startedAt,
        status: status ?? null,
        operation_status: operationStatus,
        retry_after_ms: retryAfterMs,
      })),
    deletes: calls
      .filter(({ route }) => route === "delete")
      .map(({ startedAt, status }) => ({ at: startedAt, status: status ?? null })),
    images_billed: calls.reduce((sum, { imagesBilled }) => sum + imagesBilled, 0),
  }));
}

function countBy(entries: readonly CallEntry[], key: (entry: CallEntry) => string): Record<string, number> {
  return Object.fromEntries(grouped(entries, key).map(([name, group]) => [name, group.length]));
}

function grouped<Key>(
  entries: readonly CallEntry[],
  key: (entry: CallEntry) => Key,
): (readonly [Key, CallEntry[]])[] {
  return [...Map.groupBy(entries, key)];
}

/** Pure: the most spans open at one moment. Work without an end is still open. */
export function inFlightMaximum(
  spans: readonly { readonly workFrom: number; readonly workTo: number | undefined }[],
): number {
  const steps = spans.flatMap(({ workFrom, workTo }) => [
    { at: workFrom, by: 1 },
    { at: workTo ?? Number.MAX_SAFE_INTEGER, by: -1 },
  ]);
  let open = 0;
  let most = 0;
  for (const { by } of steps.sort((left, right) => left.at - right.at)) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}
