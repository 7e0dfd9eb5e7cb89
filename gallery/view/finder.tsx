import type { JobFilters } from "../api/client.ts";
import type { Job } from "../api/types.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";

const statuses: readonly [string, Job["status"]][] = [
  ["Done", "succeeded"],
  ["Developing", "running"],
  ["Waiting", "queued"],
  ["Failed", "failed"],
  ["Canceled", "canceled"],
];

/** One field for words, chips for what a job is, and how much of it is shown. */
export function Finder({ gallery, state, count }: { gallery: Gallery; state: GalleryState; count: number }) {
  const { filters, models, query, loading, nextCursor } = state;
  const set = (change: JobFilters) => void gallery.list({ ...filters, ...change });
  const known = [...new Set(models.map(({ model }) => model))];
  const isSearching = loading === "searching";
  return (
    <form class="finder" aria-label="Which jobs" role="search" onSubmit={(event) => event.preventDefault()}>
      <h2 id="jobs-title" tabIndex={-1} class="unseen">
        Jobs
      </h2>
      <input
        type="search"
        aria-label="Search prompts and tags"
        placeholder="Search prompts"
        value={query}
        onInput={(event) => void gallery.search(event.currentTarget.value.trimStart())}
      />
      <p class="hint count-shown" aria-hidden="true">
        {isSearching
          ? "Looking…"
          : `${count}${nextCursor === undefined ? "" : "+"} ${count === 1 ? "job" : "jobs"}`}
      </p>
      <div class="chips" role="group" aria-label="Status and model">
        {statuses.map(([word, status]) => (
          <Chip
            key={status}
            word={word}
            isOn={filters.status === status}
            onToggle={(on) => set({ status: on ? status : "" })}
          />
        ))}
        {known.length > 1 && <span class="chips-rule" aria-hidden="true" />}
        {known.length > 1 &&
          known.map((model) => (
            <Chip
              key={model}
              word={model}
              isOn={filters.model === model}
              onToggle={(on) => set({ model: on ? model : "" })}
            />
          ))}
      </div>
    </form>
  );
}

function Chip({ word, isOn, onToggle }: { word: string; isOn: boolean; onToggle: (on: boolean) => void }) {
  return (
    <button type="button" class="chip" aria-pressed={isOn} onClick={() => onToggle(!isOn)}>
      {word}
    </button>
  );
}
