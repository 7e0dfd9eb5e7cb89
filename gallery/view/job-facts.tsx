import type { ComponentChildren } from "preact";
import type { Job } from "../api/types.ts";
import { asked } from "../model/slots.ts";
import { took } from "../model/time.ts";

/** What is known of a job, line by line. */
export function JobFacts({ job }: { job: Job }) {
  const { usage } = job;
  return (
    <dl class="facts">
      <Fact name="Model">{job.model}</Fact>
      <Fact name="Size">{asked(job, "size").replace("x", "×")}</Fact>
      <Fact name="Quality">{asked(job, "quality")}</Fact>
      <Fact name="Style">{asked(job, "style")}</Fact>
      <Fact name="Format">{asked(job, "output_format")}</Fact>
      <Fact name="Asked">{new Date(job.created_at).toLocaleString()}</Fact>
      <Fact name="Took">{took(job.created_at, job.finished_at)}</Fact>
      <Fact name="Tokens">{usage && `${usage.total_tokens} (${usage.output_tokens} out)`}</Fact>
      <Fact name="Tags">{job.tags?.join(", ")}</Fact>
      <Fact name="Repeated">
        {job.repeated_calls ? `${job.repeated_calls} calls, each may be billed twice` : ""}
      </Fact>
      <Fact name="Id">
        <code>{job.id}</code>
      </Fact>
    </dl>
  );
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
