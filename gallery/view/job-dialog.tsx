import { useEffect, useRef, useState } from "preact/hooks";
import { isEnded, type Job } from "../api/types.ts";
import { go, goHome } from "../browser/route.ts";
import { generationCurl } from "../model/curl.ts";
import { describeStatus, meaningOf } from "../model/explain.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";
import { wanted } from "../model/live-job.ts";
import { asked, slotsOf } from "../model/slots.ts";
import { againOf } from "../model/image-form.ts";
import { CurlBox } from "./curl-box.tsx";
import { Dialog } from "./dialog.tsx";
import { LongText } from "./long-text.tsx";
import { JobFacts } from "./job-facts.tsx";
import { SlotView } from "./slot-view.tsx";

/** A job looked at closely: each slot large, and everything that can be done with it. */
export function JobDialog({ id, gallery, state }: { id: string; gallery: Gallery; state: GalleryState }) {
  const live = state.jobs.find(({ job }) => job.id === id);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    // Thumbnails and links may be younger than the list.
    void gallery.refresh(id).then(() => setMissing(true));
  }, [id]);

  if (!live) {
    return (
      <Dialog name="job-dialog" title="Job">
        <p>{isMissing ? (state.problem ?? "There is no such job.") : "One moment."}</p>
      </Dialog>
    );
  }
  const { job } = live;
  const slots = slotsOf(live);
  return (
    <Dialog name="job-dialog" title={describeStatus(job, slots.length)}>
      <div class="job-view">
        <ul class="slots" data-count={slots.length}>
          {slots.map((slot) => (
            <SlotView key={slot.index} slot={slot} job={job} gallery={gallery} />
          ))}
        </ul>
        <div class="job-side">
          <LongText name="job-prompt" text={asked(job, "prompt")} />
          {job.error && job.failures.length === 0 && (
            <p class="notice">
              <strong>{meaningOf(job.error.code)}</strong> {job.error.message}
            </p>
          )}
          <Actions job={job} gallery={gallery} />
          <JobFacts job={job} />
          {job.kind === "generation" && <CurlBox command={generationCurl(location.origin, againOf(job))} />}
        </div>
      </div>
    </Dialog>
  );
}

function Actions({ job, gallery }: { job: Job; gallery: Gallery }) {
  const [problem, setProblem] = useState("");
  const [asks, setAsks] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const sure = useRef<HTMLButtonElement>(null);
  const remover = useRef<HTMLButtonElement>(null);
  useEffect(() => sure.current?.focus(), [asks]);
  const keep = () => {
    setAsks(false);
    setTimeout(() => remover.current?.focus());
  };
  const run = async (work: () => Promise<void>) => {
    if (isBusy) return;
    setBusy(true);
    setProblem("");
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "It did not work.");
      await gallery.refresh(job.id);
    } finally {
      setBusy(false);
    }
  };
  const again = () =>
    run(async () => {
      const next = await gallery.send((key) => gallery.api.generate(againOf(job), key));
      go(`#${next.id}`);
    });

  return (
    <div class="actions">
      {!isEnded(job) && (
        <button
          type="button"
          class="button"
          aria-disabled={isBusy}
          onClick={() => void run(() => gallery.cancel(job.id))}
        >
          Cancel
        </button>
      )}
      {job.kind === "generation" && (
        <button type="button" class="button" aria-disabled={isBusy} onClick={() => void again()}>
          Make again
        </button>
      )}
      {isEnded(job) && !asks && (
        <button type="button" class="button" ref={remover} onClick={() => setAsks(true)}>
          Delete
        </button>
      )}
      {asks && (
        <span class="confirm" role="group" aria-label="Delete this job?">
          <span>Delete it with {wanted(job) === 1 ? "its image" : "all its images"}?</span>
          <button
            type="button"
            class="button danger"
            aria-disabled={isBusy}
            ref={sure}
            onClick={() =>
              void run(async () => {
                await gallery.remove(job.id);
                goHome();
              })
            }
          >
            Delete for good
          </button>
          <button type="button" class="button" onClick={keep}>
            Keep
          </button>
        </span>
      )}
      <p class="problem" role="alert">
        {problem}
      </p>
    </div>
  );
}
