import type { JobFilters } from "../api/client.ts";
import { useNow } from "../browser/use-gallery.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";
import { JobCard } from "./job-card.tsx";

/** The contact sheet: every job, newest first. */
export function Sheet({ gallery, state }: { gallery: Gallery; state: GalleryState }) {
  const now = useNow();
  const { jobs, loading, nextCursor, problem, filters } = state;
  const isFiltered = Object.values(filters).some(Boolean);
  const cancel = (id: string) =>
    void gallery.cancel(id).catch((error: unknown) => {
      gallery.say(error instanceof Error ? error.message : "It could not be canceled.");
      void gallery.refresh(id);
    });
  return (
    <section class="sheet" aria-label="Jobs" aria-busy={loading !== "idle"}>
      <Filters state={state} onChange={(next) => void gallery.list(next)} />
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}{" "}
          <button type="button" class="button link" onClick={() => void gallery.list(filters)}>
            Try again
          </button>
        </p>
      )}
      <ul class="jobs">
        {jobs.map((live) => (
          <JobCard
            key={live.job.id}
            live={live}
            now={now}
            onRefresh={(id) => void gallery.refresh(id)}
            onCancel={cancel}
          />
        ))}
      </ul>
      {jobs.length === 0 && loading === "idle" && problem === undefined && (
        <p class="empty">
          {isFiltered ? "No job matches." : "Nothing here yet. What you make hangs here to dry."}
        </p>
      )}
      {nextCursor !== undefined && (
        <button
          type="button"
          class="button"
          aria-disabled={loading !== "idle"}
          onClick={() => void gallery.more()}
        >
          {loading === "more" ? "Loading…" : "Load more"}
        </button>
      )}
    </section>
  );
}

const statuses = ["queued", "running", "succeeded", "failed", "canceled"];

function Filters({ state, onChange }: { state: GalleryState; onChange: (filters: JobFilters) => void }) {
  const { filters, models } = state;
  const set = (change: JobFilters) => onChange({ ...filters, ...change });
  return (
    <form class="filters" aria-label="Which jobs" onSubmit={(event) => event.preventDefault()}>
      <h2 id="jobs-title" tabIndex={-1}>
        Jobs
      </h2>
      <select
        aria-label="Status"
        value={filters.status ?? ""}
        onChange={(event) => set({ status: event.currentTarget.value })}
      >
        <option value="">Every status</option>
        {statuses.map((status) => (
          <option key={status} value={status}>
            {status}
          </option>
        ))}
      </select>
      <select
        aria-label="Model"
        value={filters.model ?? ""}
        onChange={(event) => set({ model: event.currentTarget.value })}
      >
        <option value="">Every model</option>
        {models.map(({ model }) => (
          <option key={model} value={model}>
            {model}
          </option>
        ))}
      </select>
      <input
        type="search"
        aria-label="Tag"
        placeholder="Tag"
        value={filters.tag ?? ""}
        onInput={(event) => set({ tag: event.currentTarget.value.trim() })}
      />
    </form>
  );
}
