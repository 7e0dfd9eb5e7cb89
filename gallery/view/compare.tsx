import { useEffect, useState } from "preact/hooks";
import type { Job, JobImage } from "../api/types.ts";
import { beforeInMemory } from "../browser/references.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";
import type { FrameRef } from "../model/sheet.ts";
import { asked, sourceOf } from "../model/slots.ts";
import { Dialog } from "./dialog.tsx";
import { Segments } from "./fields.tsx";
import { LongText } from "./long-text.tsx";

/** Two pictures one over the other, and a slider between them. */
export function Slider({ before, after, shape }: { before: string; after: string; shape: number }) {
  const [share, setShare] = useState(50);
  return (
    <div class="slider" style={{ "--share": `${share}%`, "--shape": shape }}>
      <img class="after" src={after} alt="After" />
      <img class="before" src={before} alt="Before" />
      <span class="slider-line" aria-hidden="true" />
      <input
        type="range"
        min={0}
        max={100}
        value={share}
        aria-label="How much of the picture before is shown"
        onInput={(event) => setShare(event.currentTarget.valueAsNumber)}
        // The keys move the slider, and not to the next picture.
        onKeyDown={(event) => event.stopPropagation()}
      />
      <span class="slider-word" aria-hidden="true">
        Before
      </span>
      <span class="slider-word right" aria-hidden="true">
        After
      </span>
    </div>
  );
}

/** The address of the picture that an edit began with; undefined where nobody has it any more. */
export function useBefore(gallery: Gallery, job: Job | undefined): string | undefined {
  const source = job?.kind === "edit" ? sourceOf(job) : undefined;
  const image = useImage(gallery, source);
  if (job?.kind !== "edit") return undefined;
  return beforeInMemory(job.id) ?? image?.image.url;
}

interface Found {
  job: Job;
  image: JobImage;
}

/** An image of a job that may not be on the sheet. */
function useImage(gallery: Gallery, frame: FrameRef | undefined): Found | undefined {
  const [found, setFound] = useState<Found>();
  const { id, index } = frame ?? {};
  useEffect(() => {
    setFound(undefined);
    if (id === undefined) return;
    let isCurrent = true;
    void gallery
      .guard(() => gallery.api.job(id).catch(() => undefined))
      .then((job) => {
        const image = job?.images.find((one) => one.index === index);
        if (isCurrent && job && image) setFound({ job, image });
      });
    return () => void (isCurrent = false);
  }, [gallery, id, index]);
  return found;
}

interface Parts {
  gallery: Gallery;
  state: GalleryState;
  left: FrameRef;
  right: FrameRef;
}

/** Two pictures of any jobs, side by side or under one slider. */
export function CompareDialog({ gallery, state, left, right }: Parts) {
  const [way, setWay] = useState("Side by side");
  const found = [useImage(gallery, left), useImage(gallery, right)] as const;
  const [one, other] = found;
  return (
    <Dialog name="compare-dialog" title="Compare">
      <Segments
        label="Shown"
        name="compare-way"
        isUnlabeled
        choices={["Side by side", "Slider"]}
        value={way}
        onChange={setWay}
      />
      {one && other ? (
        way === "Slider" ? (
          <Slider
            before={one.image.url}
            after={other.image.url}
            shape={other.image.width / other.image.height}
          />
        ) : (
          <div class="pair-view">
            {[one, other].map(({ job, image }) => (
              <figure key={`${job.id}/${image.index}`}>
                <img src={image.url} alt={asked(job, "prompt").slice(0, 200)} />
                <figcaption>
                  <LongText name="caption" text={asked(job, "prompt")} />
                  <span class="hint">
                    {[job.model, `${image.width}×${image.height}`, asked(job, "quality")]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </figcaption>
              </figure>
            ))}
          </div>
        )
      ) : (
        <p class="hint">{state.problem ?? "One moment."}</p>
      )}
    </Dialog>
  );
}
