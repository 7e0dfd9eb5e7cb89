import { useState } from "preact/hooks";
import type { Job } from "../api/types.ts";
import { addressOf } from "../browser/route.ts";
import { fileName, saveAs } from "../browser/pictures.ts";
import { meaningOf } from "../model/explain.ts";
import type { Gallery } from "../model/gallery.ts";
import { asked, shapeOf, type Slot } from "../model/slots.ts";
import { sizeOf } from "../model/time.ts";
import { CopyButton } from "./curl-box.tsx";
import { Frame } from "./frame.tsx";
import { LongText } from "./long-text.tsx";

/** One slot of a job, large, with what became of it in words. */
export function SlotView({ slot, job, gallery }: { slot: Slot; job: Job; gallery: Gallery }) {
  const [problem, setProblem] = useState("");
  const prompt = asked(job, "prompt");
  const number = slot.index + 1;
  const shape = slot.state === "made" ? slot.image.width / slot.image.height : shapeOf(job);
  const download = async () => {
    setProblem("");
    const bytes = await gallery.api.bytes(job.id, slot.index);
    saveAs(bytes, fileName(job.id, slot.index, bytes.type));
  };
  return (
    <li class="slot" data-state={slot.state}>
      <div class="film">
        <span class="rebate" aria-hidden="true">
          <span>{number}</span>
          <span>{slot.state === "made" ? `${slot.image.width}×${slot.image.height}` : ""}</span>
        </span>
        <span class="frames" style={{ aspectRatio: String(shape), "--shape": shape }}>
          <Frame
            slot={slot}
            alt={`Image ${number}: ${prompt.slice(0, 200)}`}
            isLarge
            onDead={() => void gallery.refresh(job.id)}
          />
        </span>
      </div>
      {slot.state === "made" && (
        <>
          {slot.image.revised_prompt !== undefined && (
            <div class="revised">
              <p class="hint">Drawn from</p>
              <LongText name="revised-words" text={slot.image.revised_prompt} />
            </div>
          )}
          <div class="actions">
            <button
              type="button"
              class="button small"
              onClick={() =>
                void download().catch((error: unknown) =>
                  setProblem(error instanceof Error ? error.message : "It could not be loaded."),
                )
              }
            >
              Download<span class="unseen"> image {number}</span>
            </button>
            <CopyButton text={slot.image.url} label="Copy link" />
            <a class="button small" href={addressOf.edit(job.id, slot.index)}>
              Edit<span class="unseen"> image {number}</span>
            </a>
            <span class="hint">{sizeOf(slot.image.bytes)}</span>
          </div>
          <p class="problem" role="alert">
            {problem}
          </p>
        </>
      )}
      {(slot.state === "refused" || slot.state === "failed") && (
        <p class="notice">
          <strong>
            Image {number}: {meaningOf(slot.failure.code)}
          </strong>{" "}
          {slot.failure.message}
        </p>
      )}
      {slot.state === "none" && <p class="hint">Image {number} was not made.</p>}
    </li>
  );
}
