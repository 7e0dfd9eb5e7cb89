import type { ComponentChildren } from "preact";
import type { Job } from "../api/types.ts";
import { costOf } from "../model/explain.ts";
import { choiceLabel } from "../model/labels.ts";
import { asked, type Slot } from "../model/slots.ts";
import { sizeOf, took } from "../model/time.ts";
import { wordDiff } from "../model/word-diff.ts";

/** What is known of a job and one of its pictures, line by line. */
export function Details({ job, slot }: { job: Job; slot: Slot }) {
  const { usage } = job;
  const image = slot.state === "made" ? slot.image : undefined;
  const pixels = image ? `${image.width}×${image.height}` : asked(job, "size").replace("x", "×");
  return (
    <details class="more">
      <summary>Details</summary>
      {image?.revised_prompt !== undefined && (
        <div class="revised">
          <p class="hint">Drawn from these words; what the model added is marked</p>
          <p class="revised-words" dir="auto" tabIndex={0}>
            {wordDiff(asked(job, "prompt"), image.revised_prompt).map(({ text, isNew }) =>
              isNew ? <mark>{text}</mark> : text,
            )}
          </p>
        </div>
      )}
      <dl class="facts">
        <Fact name="Model">{job.model}</Fact>
        <Fact name="Size">{[pixels, image && sizeOf(image.bytes)].filter(Boolean).join(", ")}</Fact>
        <Fact name="Quality">{label("quality", job)}</Fact>
        <Fact name="Style">{label("style", job)}</Fact>
        <Fact name="Format">{label("output_format", job)}</Fact>
        <Fact name="Asked">{new Date(job.created_at).toLocaleString()}</Fact>
        <Fact name="Took">{took(job.created_at, job.finished_at)}</Fact>
        <Fact name="Kept until">{job.expires_at && new Date(job.expires_at).toLocaleDateString()}</Fact>
        <Fact name="Cost">{costOf(job)}</Fact>
        <Fact name="Tokens">{usage && `${usage.total_tokens} (${usage.output_tokens} out)`}</Fact>
        <Fact name="Tags">{job.tags?.join(", ")}</Fact>
        <Fact name="Repeated">
          {job.repeated_calls ? `${job.repeated_calls} calls, each may be billed twice` : ""}
        </Fact>
        <Fact name="Ran on">{job.deployment}</Fact>
        <Fact name="Id">
          <code>{job.id}</code>
        </Fact>
      </dl>
    </details>
  );
}

function label(field: "quality" | "style" | "output_format", job: Job): string {
  const value = asked(job, field);
  return value && choiceLabel(field, value);
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === undefined || children === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
