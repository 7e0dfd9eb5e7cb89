import { useEffect, useRef, useState } from "preact/hooks";
import type { Job } from "../api/types.ts";
import { addressOf, go, goHome } from "../browser/route.ts";
import { isWide, useMedia } from "../browser/use-media.ts";
import { describeStatus, meaningOf, outlookOf, reasonOf } from "../model/explain.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";
import { againOf } from "../model/image-form.ts";
import { wanted } from "../model/live-job.ts";
import { type FrameRef, neighbor } from "../model/sheet.ts";
import { asked, shapeOf, slotsOf } from "../model/slots.ts";
import { editAgainSnippets, generationSnippets } from "../model/snippets.ts";
import { Actions } from "./actions.tsx";
import { Slider, useBefore } from "./compare.tsx";
import { Details } from "./details.tsx";
import { Frame } from "./frame.tsx";
import { LongText } from "./long-text.tsx";
import { Panel } from "./panel.tsx";
import { Snippets } from "./snippets.tsx";
import { Stage } from "./stage.tsx";

interface Parts {
  frame: FrameRef;
  gallery: Gallery;
  state: GalleryState;
  isMarked: boolean;
  hasMark: boolean;
  onMark: () => void;
  onChangeWords: (job: Job) => void;
  onReference: () => void;
}

/** One picture looked at closely, and everything that can be done with it. */
export function Inspector(parts: Parts) {
  const { frame, gallery, state, isMarked, hasMark, onMark } = parts;
  const { id, index } = frame;
  const live = state.jobs.find(({ job }) => job.id === id);
  const [isMissing, setMissing] = useState(false);
  const [isAlone, setAlone] = useState(false);
  const isBeside = useMedia(isWide);
  const before = useBefore(gallery, live?.job);
  useEffect(() => {
    setMissing(false);
    setAlone(false);
    // Thumbnails and links may be younger than the list.
    void gallery.refresh(id).then(() => setMissing(true));
  }, [id]);

  const found = gallery.found();
  const at = (step: 1 | -1) => neighbor(found, frame, step, ({ job }) => wanted(job));
  const next = at(1);
  const previous = at(-1);
  const step = (by: 1 | -1) => {
    const to = by > 0 ? next : previous;
    if (to) go(addressOf.job(to.id, to.index), { replace: true });
  };
  useKeys({ ArrowLeft: () => step(-1), ArrowRight: () => step(1), c: onMark, Escape: goHome });

  if (!live) {
    return (
      <Panel title="Job" isBeside={isBeside} onStep={step} hasNext={false} hasPrevious={false}>
        <p>{isMissing ? (state.problem ?? "There is no such job.") : "One moment."}</p>
      </Panel>
    );
  }
  const { job } = live;
  const slots = slotsOf(live);
  const slot = slots[index] ?? slots[0];
  if (!slot) return null;
  const shape = slot.state === "made" ? slot.image.width / slot.image.height : shapeOf(job);
  const prompt = asked(job, "prompt");
  const refresh = () => void gallery.refresh(id);
  const isCompared = before !== undefined && slot.state === "made" && !isAlone;
  const isUnmade = slot.state === "refused" || slot.state === "failed";
  const reason = reasonOf(job, slots.length) || outlookOf(job, Date.now());
  return (
    <Panel
      title={describeStatus(job, slots.length)}
      isBeside={isBeside}
      onStep={step}
      hasNext={next !== undefined}
      hasPrevious={previous !== undefined}
    >
      {isCompared ? (
        <Slider before={before} after={slot.image.url} shape={shape} />
      ) : (
        <Stage
          slot={slot}
          alt={`Image ${slot.index + 1}: ${prompt.slice(0, 200)}`}
          shape={shape}
          onDead={refresh}
          onStep={step}
        />
      )}
      {slots.length > 1 && (
        <nav class="strip-nav" aria-label="Images of this job">
          {slots.map((one) => (
            <a
              key={one.index}
              href={addressOf.job(id, one.index)}
              aria-current={one.index === slot.index ? "true" : undefined}
              style={{ "--shape": shape }}
              onClick={(event) => {
                event.preventDefault();
                go(addressOf.job(id, one.index), { replace: true });
              }}
            >
              <span class="unseen">Image {one.index + 1}</span>
              <Frame slot={one} keptUntil={job.expires_at} isAway={state.isAway} onDead={refresh} />
            </a>
          ))}
        </nav>
      )}
      {isUnmade ? (
        <p class="notice">
          <strong>
            Image {slot.index + 1}: {meaningOf(slot.failure.code)}
          </strong>{" "}
          {slot.failure.message}
        </p>
      ) : (
        reason && (
          <p class="notice">
            <strong>{reason}</strong> {job.error?.message}
          </p>
        )
      )}
      <LongText name="job-prompt" text={prompt} />
      <Actions
        {...{ job, slot, gallery, isMarked, hasMark, onMark }}
        onChangeWords={() => parts.onChangeWords(job)}
        onReference={parts.onReference}
        compare={
          before === undefined || slot.state !== "made"
            ? undefined
            : { isAlone, onAlone: () => setAlone(!isAlone) }
        }
      />
      <Details job={job} slot={slot} />
      <Snippets
        snippets={(job.kind === "edit" ? editAgainSnippets : generationSnippets)(
          location.origin,
          againOf(job),
        )}
      />
    </Panel>
  );
}

/** Keys of the whole page while the panel is open, but not those that somebody types. */
function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      const isTyped =
        target instanceof Element && target.closest("input, textarea, select, [role=application]") !== null;
      if (isTyped && event.key !== "Escape") return;
      if (document.querySelector("dialog.modal:not(.inspector)")) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
