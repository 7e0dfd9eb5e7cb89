import type { JobRecord } from "../ports/records.ts";
import type { RenderError } from "../http/respond.ts";
import type { NamesFirst } from "./openai/resolve-model.ts";

/** How a service words what goes wrong. */
export interface ErrorWords {
  render: RenderError;
  /** Of a job that made nothing. Never a status that clients repeat. */
  ofFailure: (job: JobRecord) => { status: number; error: object };
  /** Of a job that outlasts the wait. */
  ofLate: (jobId: string) => { error: object };
}

/** A base under which the routes for images are served. */
export interface Surface {
  /** No slash at either end. With `{deployment}` in it, that names what runs a request, whatever the body says. */
  base: string;
  /** What the names of its functions begin with. */
  name: string;
  first: NamesFirst;
  errors: ErrorWords;
  /** Whether answers tell what the service's content filters found, as Azure's do. */
  showsFilters: boolean;
}
