import { useState } from "preact/hooks";
import { isEnded, type Job } from "../api/types.ts";
import { addressOf } from "../browser/route.ts";
import { costOf, describeStatus, mayHelpToRepeat, reasonOf, statusWord } from "../model/explain.ts";
import type { LiveJob } from "../model/live-job.ts";
import { columnsFor } from "../model/sheet.ts";
import { asked, shapeOf, slotsOf } from "../model/slots.ts";
import { dateTime } from "../model/time.ts";
import { Frame } from "./frame.tsx";
import { memo } from "./memo.tsx";

interface Parts {
  live: LiveJob;
  /** How long ago it was asked for, and when it will start or end, in words. */
  age: string;
  outlook: string;
  isAway: boolean;
  /** Of the sheet, and of a row on it, in pixels. */
  width: number;
  rowHeight: number;
  /** Which of its frames is looked at, and which is marked. */
  opened: number | undefined;
  marked: number | undefined;
  onRefresh: (id: string) => void;
  onCancel: (id: string) => void;
  onAgain: (job: Job) => void;
  onChangeWords: (job: Job) => void;
}

/** A job on the contact sheet: a strip of film, what is printed on the film's edge, and the prompt below. */
export const Strip = memo((parts: Parts) => {
  const { live, age, outlook, isAway, width, rowHeight, opened, marked } = parts;
  const { onRefresh, onCancel, onAgain, onChangeWords } = parts;
  const { job } = live;
  const slots = slotsOf(live);
  const shape = shapeOf(job);
  const columns = columnsFor(slots.length, shape, width, rowHeight);
  const prompt = asked(job, "prompt");
  const settled = job.images.length + job.failures.length;
  const hasEnded = isEnded(job);
  const [isFresh] = useState(!hasEnded);
  const reason = reasonOf(job, slots.length) || outlook;
  const cost = costOf(job);
  const isRefused = job.status === "failed" && job.error?.code === "contentFilter";
  return (
    <li
      class={`job ${job.waiting ? "queued waits" : job.status} ${isFresh ? "fresh" : ""}`}
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
              aria-current={opened === slot.index ? "true" : undefined}
              data-marked={marked === slot.index ? "" : undefined}
            >
              <span class="unseen">
                {slots.length > 1 ? `Image ${slot.index + 1} of ${slots.length}: ` : ""}
                {prompt.slice(0, 120) || "A job"}. {describeStatus(job, slots.length)}
              </span>
              <Frame
                slot={slot}
                keptUntil={job.expires_at}
                isAway={isAway}
                onDead={() => onRefresh(job.id)}
              />
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
        <time dateTime={job.created_at} title={dateTime.format(new Date(job.created_at))}>
          {age}
        </time>
        {cost && <span>{cost}</span>}
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
          {job.status === "failed" && mayHelpToRepeat(job) && (
            <button type="button" class="button link" onClick={() => onAgain(job)}>
              Try again
            </button>
          )}
        </p>
      )}
    </li>
  );
});
