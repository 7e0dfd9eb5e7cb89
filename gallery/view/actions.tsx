import { useRef, useState } from "preact/hooks";
import { isEnded, type Job } from "../api/types.ts";
import { fileName, saveAs } from "../browser/pictures.ts";
import { addressOf, go, goHome } from "../browser/route.ts";
import { mayHelpToRepeat } from "../model/explain.ts";
import type { Gallery } from "../model/gallery.ts";
import type { Slot } from "../model/slots.ts";
import { Remover } from "./remover.tsx";
import { CopyButton } from "./snippets.tsx";

interface Parts {
  job: Job;
  slot: Slot;
  gallery: Gallery;
  isMarked: boolean;
  hasMark: boolean;
  /** Of an edit whose picture before is known. */
  compare: { isAlone: boolean; onAlone: () => void } | undefined;
  onMark: () => void;
  onChangeWords: () => void;
  onReference: () => void;
}

/** What can be done with a picture, in the order in which it is wanted. */
export function Actions(parts: Parts) {
  const { job, slot, gallery, isMarked, hasMark, compare, onMark, onChangeWords, onReference } = parts;
  const [problem, setProblem] = useState("");
  const isBusy = useRef(false);
  const image = slot.state === "made" ? slot.image : undefined;
  const canEdit = gallery.state.models.some(({ edits }) => edits);
  const number = slot.index + 1;
  const hasEnded = isEnded(job);
  const isFailed = job.status === "failed" || job.status === "canceled";

  const run = async (work: () => Promise<void>) => {
    if (isBusy.current) return;
    isBusy.current = true;
    setProblem("");
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "It did not work.");
      await gallery.refresh(job.id);
    } finally {
      isBusy.current = false;
    }
  };
  const again = () =>
    run(async () => {
      const next = await gallery.again(job);
      if (next) go(addressOf.job(next.id));
    });
  const download = (index: number) =>
    run(async () => {
      const bytes = await gallery.api.bytes(job.id, index);
      saveAs(bytes, fileName(job.id, index, bytes.type));
    });
  const downloadAll = () =>
    run(async () => {
      for (const { index } of job.images) {
        const bytes = await gallery.api.bytes(job.id, index);
        saveAs(bytes, fileName(job.id, index, bytes.type));
      }
    });

  return (
    <div class="actions" onClickCapture={dropDoubleClick}>
      {!hasEnded && (
        <button type="button" class="button" onClick={() => void run(() => gallery.cancel(job.id))}>
          Cancel
        </button>
      )}
      {hasEnded && (!isFailed || mayHelpToRepeat(job)) && (
        // Another job's is another button: a second Enter is none for that one.
        <button key={job.id} type="button" class="button" onClick={() => void again()}>
          {isFailed ? "Try again" : "Vary"}
        </button>
      )}
      <button type="button" class="button" onClick={onChangeWords}>
        Change words
      </button>
      {image && canEdit && (
        <>
          <a class="button" href={addressOf.edit(job.id, slot.index)}>
            Edit<span class="unseen"> image {number}</span>
          </a>
          <button type="button" class="button" onClick={onReference}>
            Use as reference
          </button>
        </>
      )}
      {image && (
        <>
          <button type="button" class="button" onClick={() => void download(slot.index)}>
            Download<span class="unseen"> image {number}</span>
          </button>
          {job.images.length > 1 && (
            <button type="button" class="button" onClick={() => void downloadAll()}>
              Download all {job.images.length}
            </button>
          )}
          {compare && (
            <button type="button" class="button" aria-pressed={compare.isAlone} onClick={compare.onAlone}>
              {compare.isAlone ? "Before and after" : "Result alone"}
            </button>
          )}
          <button type="button" class="button" aria-pressed={isMarked} onClick={onMark}>
            {isMarked ? "Marked" : hasMark ? "Compare with the marked one" : "Mark to compare"}
          </button>
          <CopyButton text={image.url} label="Copy link" />
          <CopyButton text={new URL(image.content_url, location.origin).href} label="Copy lasting link" />
        </>
      )}
      {hasEnded && (
        <Remover
          count={job.images.length}
          onRemove={() =>
            run(async () => {
              await gallery.remove(job.id);
              goHome();
            })
          }
        />
      )}
      {image && (
        <p class="hint">
          The link opens for anybody until {until(image.url_expires_at)}; the lasting one asks for a key.
        </p>
      )}
      <p class="problem" role="alert">
        {problem}
      </p>
    </div>
  );
}

/** What stands where the first click of a double click fell may be another job's button by the second. */
function dropDoubleClick(event: MouseEvent): void {
  if (event.detail > 1) event.stopPropagation();
}

function until(iso: string): string {
  const date = new Date(iso);
  const isSoon = date.getTime() - Date.now() < 20 * 60 * 60_000;
  return date.toLocaleString(
    undefined,
    isSoon ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" },
  );
}
