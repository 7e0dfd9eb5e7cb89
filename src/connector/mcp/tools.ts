import * as z from "zod";
import { checkShape } from "../../contracts/check-shape.ts";
import { AppError } from "../../domain/app-error.ts";
import { messageOf } from "../../domain/message-of.ts";
import { isTerminal } from "../../domain/image-job.ts";
import { withoutAbsent } from "../../domain/without-absent.ts";
import { cancelJob, type CancelJobDeps } from "../../functions/job-cancel-post.ts";
import type { EndpointCall } from "../../http/endpoint.ts";
import { findJobOf } from "../../jobs/find-job.ts";
import { untilEnded } from "../../jobs/until-ended.ts";
import type { Connections } from "../../ports/callers.ts";
import type { JobProgress, JobRecord } from "../../ports/records.ts";
import { acceptAction, type AcceptActionDeps } from "../accept-action.ts";
import { describeModels } from "../describe-models.ts";
import { inConnectorWords } from "../contracts/request-mapping.ts";
import { readInputs } from "../contracts/read-inputs.ts";
import { cancelInput, editInput, generateInput, getJobInput, listModelsInput } from "./inputs.ts";
import { type AgentDeps, presentForAgent } from "./present.ts";
import type { McpTool, ToolRun } from "./serve.ts";

export type ToolDeps = AcceptActionDeps & CancelJobDeps & AgentDeps & { connections: Connections };
type Result = Awaited<ReturnType<McpTool["call"]>>;
type Found = [JobRecord, JobProgress];

// The client is told at least that often, and hardly one waits longer for a word.
const tickSeconds = 2;

/** The tools of one request, whose caller is theirs. */
export function toolsFor(deps: ToolDeps, call: EndpointCall): McpTool[] {
  const { caller, context, requestId } = call;
  const own = (jobId: string) => findJobOf(deps, caller, jobId);
  const submit = async (name: string, body: Parameters<typeof acceptAction>[3]): Promise<Found> =>
    (await acceptAction(deps, call, name, body)).found;
  const ending = async (found: Found, seconds: number, run: ToolRun): Promise<Result> =>
    presentForAgent(deps, ...(await waited(deps, call, found, seconds, run)));
  return [
    tool(
      "generate_image",
      "Generate images",
      "Takes a prompt and makes one or more images from it; returns links, small pictures and an image_id for each. Choose it to create pictures from words.",
      generateInput,
      { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
      async ({ wait_seconds: seconds = defaultWaitSeconds, output_format: outputFormat, ...asked }, run) =>
        ending(await submit("mcp-generate-image", { ...asked, outputFormat }), seconds, run),
    ),
    tool(
      "edit_image",
      "Edit images",
      "Takes one or more images (by image_id or https address) and a prompt, and makes new images from them; returns links, small pictures and an image_id for each. Choose it to change a picture that exists.",
      editInput,
      { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
      async (
        { wait_seconds: seconds = defaultWaitSeconds, output_format: outputFormat, images, ...asked },
        run,
      ) => {
        const named = images.map((image) =>
          /^https?:/i.test(image.trim()) ? { url: image.trim() } : { imageId: image.trim() },
        );
        return ending(
          await submit("mcp-edit-image", { ...asked, outputFormat, images: named }),
          seconds,
          run,
        );
      },
    ),
    tool(
      "get_job",
      "Get a job",
      "Takes a job_id, waits a while for the job's end, and returns its state with the images it has. Choose it when generate_image or edit_image came back before the job had ended.",
      getJobInput,
      { readOnlyHint: true },
      async ({ job_id: jobId, wait_seconds: seconds = defaultWaitSeconds }, run) =>
        ending(await own(jobId), seconds, run),
    ),
    tool(
      "list_models",
      "List models",
      "Takes nothing and returns the deployments that can be asked, with the sizes, qualities and file types of each, and whether it edits. Choose it before naming a deployment or a size.",
      listModelsInput,
      { readOnlyHint: true },
      () => Promise.resolve(textResult({ models: describeModels(deps.offers) })),
    ),
    tool(
      "cancel_job",
      "Cancel a job",
      "Takes a job_id and ends the job if it still runs; what it has made until then stays. Choose it when nobody wants the result any more.",
      cancelInput,
      { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
      async ({ job_id: jobId }) =>
        presentForAgent(deps, ...(await cancelJob(deps, { caller, id: jobId }, context))),
    ),
  ];

  function tool<T>(
    name: string,
    title: string,
    description: string,
    schema: z.ZodObject & z.ZodType<T>,
    annotations: NonNullable<McpTool["shown"]["annotations"]>,
    run: (given: T, run: ToolRun) => Promise<Result>,
  ): McpTool {
    return {
      shown: {
        name,
        title,
        description,
        annotations,
        inputSchema: z.toJSONSchema(schema, { target: "draft-7" }) as McpTool["shown"]["inputSchema"],
      },
      call: async (given, toolRun) => {
        try {
          return await run(checkShape(readInputs(given, schema), schema, "arguments"), toolRun);
        } catch (error) {
          return failed(error);
        }
      },
    };
  }

  /** A tool's failure is a result that the model reads, and no error of the protocol. */
  function failed(error: unknown): Result {
    const isOwn = error instanceof AppError;
    if (!isOwn) context.error(`tool failed, request ${requestId}: ${messageOf(error)}`);
    const code = isOwn ? error.code : "internal";
    const message = isOwn ? inConnectorWords(error.detail) : "Something went wrong here.";
    return { ...textResult({ error: { code, message, request_id: requestId } }), isError: true };
  }
}

const defaultWaitSeconds = 50;

/** The job as it is at its end, or when the time is up: it goes on then. */
async function waited(
  deps: ToolDeps,
  { caller, context, requestId }: EndpointCall,
  found: Found,
  seconds: number,
  { report, signal }: ToolRun,
): Promise<Found> {
  const stopped = AbortSignal.any([signal, deps.connections.of(requestId).closed]);
  const onFailure = (error: unknown) =>
    context.warn(`job ${found[0].id} could not be watched: ${messageOf(error)}`);
  let current = found;
  for (let spent = 0; !isTerminal(current[0].status); spent += tickSeconds) {
    const [job, { slots }] = current;
    await report(
      spent + 1,
      `Job ${job.id} is ${job.status}; ${slots.length} of ${job.request.n} images have ended.`,
    );
    if (spent >= seconds || stopped.aborted) return current;
    const ended = await untilEnded(deps, job.id, { seconds: tickSeconds, stopped, onFailure });
    current = ended ?? (await findJobOf(deps, caller, job.id));
  }
  return current;
}

function textResult(facts: Record<string, unknown>): Result {
  const structuredContent = withoutAbsent(facts);
  return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
}
