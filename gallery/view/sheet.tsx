import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Job } from "../api/types.ts";
import { useNow } from "../browser/use-gallery.ts";
import { isNarrow, useMedia, useWidth } from "../browser/use-media.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";
import { outlookOf } from "../model/explain.ts";
import { byDay, type FrameRef } from "../model/sheet.ts";
import { ago } from "../model/time.ts";
import { Examples } from "./examples.tsx";
import { Finder } from "./finder.tsx";
import { useEvent } from "./memo.tsx";
import { Strip } from "./strip.tsx";

interface Parts {
  gallery: Gallery;
  state: GalleryState;
  opened: FrameRef | undefined;
  marked: FrameRef | undefined;
  onMark: (frame: FrameRef) => void;
  onExample: (prompt: string) => void;
  onAgain: (job: Job) => void;
  onChangeWords: (job: Job) => void;
}

/** The contact sheet: every job as a strip of film, newest first, under its day. */
export function Sheet(parts: Parts) {
  const { gallery, state, opened, marked, onMark, onExample } = parts;
  const now = useNow();
  const sheet = useRef<HTMLElement>(null);
  const width = useWidth(sheet);
  const rowHeight = useMedia(isNarrow) ? 152 : 168;
  const { jobs, loading, nextCursor, problem, filters, query } = state;
  const found = useMemo(() => gallery.found(), [jobs, query]);
  const today = new Date(now).toDateString();
  const days = useMemo(() => byDay(found, now), [found, today]);
  const isFiltered = query !== "" || Object.values(filters).some(Boolean);
  const onRefresh = useEvent((id: string) => void gallery.refresh(id));
  const onAgain = useEvent(parts.onAgain);
  const onChangeWords = useEvent(parts.onChangeWords);
  const onCancel = useEvent(
    (id: string) =>
      void gallery.cancel(id).catch((error: unknown) => {
        gallery.say(error instanceof Error ? error.message : "It could not be canceled.");
        void gallery.refresh(id);
      }),
  );
  // What is looked at stays in sight on the sheet as well.
  useEffect(() => {
    sheet.current?.querySelector(".shot[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [opened?.id, opened?.index]);
  const isEmpty = found.length === 0 && loading === "idle" && problem === undefined;
  return (
    <section
      ref={sheet}
      class="sheet"
      aria-label="Jobs"
      aria-busy={loading !== "idle"}
      onKeyDown={(event) => walk(event, onMark)}
    >
      {(jobs.length > 0 || isFiltered) && <Finder gallery={gallery} state={state} count={found.length} />}
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}{" "}
          <button type="button" class="button link" onClick={() => void gallery.list(filters)}>
            Try again
          </button>
        </p>
      )}
      {days.map((day) => (
        <section key={day.from} class="day" aria-label={day.name}>
          <h3>{day.name}</h3>
          <ul class="jobs">
            {day.jobs.map((live) => (
              <Strip
                key={live.job.id}
                live={live}
                age={ago(live.job.created_at, now)}
                outlook={outlookOf(live.job, now)}
                isAway={state.isAway}
                width={width}
                rowHeight={rowHeight}
                opened={opened?.id === live.job.id ? opened.index : undefined}
                marked={marked?.id === live.job.id ? marked.index : undefined}
                {...{ onRefresh, onCancel, onAgain, onChangeWords }}
              />
            ))}
          </ul>
        </section>
      ))}
      {isEmpty && isFiltered && (
        <p class="empty">
          {query === "" ? "No job is like that. " : `Nothing with “${query}” in its prompt or tags. `}
          <button
            type="button"
            class="button link"
            onClick={() => {
              void gallery.search("");
              void gallery.list({});
            }}
          >
            Show all jobs
          </button>
        </p>
      )}
      {isEmpty && !isFiltered && <Examples onExample={onExample} />}
      {nextCursor !== undefined && <More gallery={gallery} isLoading={loading !== "idle"} />}
    </section>
  );
}

/** What is older is read when the end of the sheet comes near, or on demand. */
function More({ gallery, isLoading }: { gallery: Gallery; isLoading: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const { current } = button;
    if (!current || isLoading) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void gallery.more();
      },
      { rootMargin: "400px" },
    );
    observer.observe(current);
    return () => observer.disconnect();
  }, [gallery, isLoading]);
  return (
    <button
      ref={button}
      type="button"
      class="button"
      aria-disabled={isLoading}
      onClick={() => void gallery.more()}
    >
      {isLoading ? "Loading…" : "Load more"}
    </button>
  );
}

/** From frame to frame by arrow keys, and `c` to mark one for comparison. */
function walk(
  event: KeyboardEvent & { currentTarget: HTMLElement },
  onMark: (frame: FrameRef) => void,
): void {
  const shot = event.target instanceof Element ? event.target.closest<HTMLElement>("a.shot") : null;
  if (!shot || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "c") {
    const id = shot.closest<HTMLElement>(".job")?.dataset["job"];
    if (id !== undefined) onMark({ id, index: Number(shot.dataset["index"]) });
    return;
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step === undefined) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("a.shot")];
  all[all.indexOf(shot) + step]?.focus();
  event.preventDefault();
  // The panel beside the sheet goes on by itself.
  event.stopPropagation();
}
