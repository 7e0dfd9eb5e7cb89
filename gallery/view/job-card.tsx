import { isEnded } from "../api/types.ts";
import { addressOf } from "../browser/route.ts";
import { describeStatus, statusWord } from "../model/explain.ts";
import type { LiveJob } from "../model/live-job.ts";
import { asked, columnsFor, shapeOf, slotsOf } from "../model/slots.ts";
import { ago } from "../model/time.ts";
import { Frame } from "./frame.tsx";

interface Parts {
  live: LiveJob;
  now: number;
  onRefresh: (id: string) => void;
  onCancel: (id: string) => void;
}

/** A job on the contact sheet: its frames on film, what is printed on the film's edge, and the prompt below. */
export function JobCard({ live, now, onRefresh, onCancel }: Parts) {
  const { job } = live;
  const slots = slotsOf(live);
  const shape = shapeOf(job);
  const prompt = asked(job, "prompt");
  const size = asked(job, "size").replace("x", "×");
  const settled = job.images.length + job.failures.length;
  return (
    <li class={`job ${job.status}`} data-job={job.id} data-status={job.status}>
      <a class="film" href={addressOf.job(job.id)}>
        <span class="unseen">
          {prompt.slice(0, 120) || "A job"}. {describeStatus(job, slots.length)}
        </span>
        <span class="rebate" aria-hidden="true">
          <span>{job.model ?? ""}</span>
          <span>{size}</span>
        </span>
        <span class="frames" style={{ "--columns": columnsFor(slots.length, shape), "--shape": shape }}>
          {slots.map((slot) => (
            <Frame key={slot.index} slot={slot} alt="" onDead={() => onRefresh(job.id)} />
          ))}
        </span>
        <span class="rebate" aria-hidden="true">
          <span class="numbers">{slots.map(({ index }) => `${index + 1}`).join("  ")}</span>
          <span>{isEnded(job) ? (job.kind === "edit" ? "edit" : "") : `${settled}/${slots.length}`}</span>
        </span>
        {!isEnded(job) && (
          <progress class="develop" value={job.progress} max={1} aria-hidden="true">
            {Math.round(job.progress * 100)}%
          </progress>
        )}
      </a>
      <p class="caption" dir="auto">
        {prompt}
      </p>
      <p class="meta">
        <span class="word">{statusWord(job)}</span>
        <time dateTime={job.created_at}>{ago(job.created_at, now)}</time>
        {!isEnded(job) && (
          <button type="button" class="button link" onClick={() => onCancel(job.id)}>
            Cancel<span class="unseen"> this job</span>
          </button>
        )}
      </p>
    </li>
  );
}
