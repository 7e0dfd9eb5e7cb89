import { isEnded, type Job } from "../api/types.ts";
import { addressOf } from "../browser/route.ts";
import { describeStatus, reasonOf, statusWord, waitingOf } from "../model/explain.ts";
import type { LiveJob } from "../model/live-job.ts";
import { columnsFor, type FrameRef } from "../model/sheet.ts";
import { asked, shapeOf, slotsOf } from "../model/slots.ts";
import { ago } from "../model/time.ts";
import { Frame } from "./frame.tsx";

interface Parts {
  live: LiveJob;
  now: number;
  isAway: boolean;
  /** Of the sheet, and of a row on it, in pixels. */
  width: number;
  rowHeight: number;
  opened: FrameRef | undefined;
  marked: FrameRef | undefined;
  onRefresh: (id: string) => void;
  onCancel: (id: string) => void;
  onChangeWords: (job: Job) => void;
}

/** A job on the contact sheet: a strip of film, what is printed on the film's edge, and the prompt below. */
export function Strip(parts: Parts) {
  const { live, now, isAway, width, rowHeight, opened, marked, onRefresh, onCancel, onChangeWords } = parts;
  const { job } = live;
  const slots = slotsOf(live);
  const shape = shapeOf(job);
  const columns = columnsFor(slots.length, shape, width, rowHeight);
  const prompt = asked(job, "prompt");
  const settled = job.images.length + job.failures.length;
  const hasEnded = isEnded(job);
  const reason = reasonOf(job, slots.length) || waitingOf(job, now);
  const isRefused = job.status === "failed" && job.error?.code === "contentFilter";
  return (
    <li
      class={`job ${job.status}`}
      data-job={job.id}
      data-status={job.status}
      style={{ "--columns": columns, "--shape": shape, "--grow": columns * shape }}
    >
      <div class="film">
        <span class="rebate" aria-hidden="true">
          <span>{job.model ?? ""}</span>
          <span>{job.kind === "edit" ? "edit" : ""}</span>
        </span>
        <div class="frames">
          {slots.map((slot) => (
            <a
              key={slot.index}
              class="shot"
              href={addressOf.job(job.id, slot.index)}
              data-index={slot.index}
              aria-current={isAt(opened, job.id, slot.index) ? "true" : undefined}
              data-marked={isAt(marked, job.id, slot.index) ? "" : undefined}
            >
              <span class="unseen">
                {slots.length > 1 ? `Image ${slot.index + 1} of ${slots.length}: ` : ""}
                {prompt.slice(0, 120) || "A job"}. {describeStatus(job, slots.length)}
              </span>
              <Frame slot={slot} isAway={isAway} onDead={() => onRefresh(job.id)} />
              <span class="number" aria-hidden="true">
                {slot.index + 1}
                <i>▸</i>
              </span>
            </a>
          ))}
        </div>
        {!hasEnded && (
          <progress class="develop" value={job.progress} max={1} aria-hidden="true">
            {Math.round(job.progress * 100)}%
          </progress>
        )}
      </div>
      <p class="caption" dir="auto">
        {prompt}
      </p>
      <p class="meta">
        <span class="word">{statusWord(job)}</span>
        {!hasEnded && slots.length > 1 && (
          <span>
            {settled} of {slots.length}
          </span>
        )}
        <time dateTime={job.created_at} title={new Date(job.created_at).toLocaleString()}>
          {ago(job.created_at, now)}
        </time>
        {!hasEnded && (
          <button type="button" class="button link" onClick={() => onCancel(job.id)}>
            Cancel<span class="unseen"> this job</span>
          </button>
        )}
      </p>
      {reason && (
        <p class="reason">
          {reason}{" "}
          {isRefused && (
            <button type="button" class="button link" onClick={() => onChangeWords(job)}>
              Change the words
            </button>
          )}
        </p>
      )}
    </li>
  );
}

const isAt = (frame: FrameRef | undefined, id: string, index: number): boolean =>
  frame?.id === id && frame.index === index;
