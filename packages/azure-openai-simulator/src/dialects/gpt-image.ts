import { base64Of, serviceNow } from "../start-task.ts";
import { withoutWords } from "../faults/prompt-words.ts";
import type { GenerationRequest } from "../request-check.ts";
import { jsonReply, unixSeconds, type Reply } from "../wire.ts";
import { refusedItem, type Result } from "./dalle.ts";

/** Always base64 [S3]; echoes what it decided, and what it counted [O1]. */
export async function gptImageReply(result: Result): Promise<Reply> {
  const { task, request, pictures } = result;
  const data = await Promise.all(
    pictures.map(async ({ index, drawn }) =>
      task.fault.refuse_slots?.includes(index) === true
        ? refusedItem(result)
        : { b64_json: base64Of(await drawn, task) },
    ),
  );
  return jsonReply(200, {
    created: unixSeconds(serviceNow(task)),
    data,
    ...decided(request),
    usage: usage(request, data.length),
  });
}

/** What the service says it settled on. */
export function decided({ transparent, outputFormat, quality, size }: GenerationRequest) {
  const background = transparent ? "transparent" : "opaque";
  return { background, output_format: outputFormat, quality, size };
}

/** [Q5] of a square picture; others are priced here by their share of its pixels. */
const squareTokens: Readonly<Record<string, number>> = { low: 272, medium: 1056, high: 4160 };

/** [Q5] live replies omit `output_tokens_details`, so these do. */
export function usage(
  { prompt, quality, width, height, imageTokens = 0 }: GenerationRequest,
  images: number,
): unknown {
  const share = (width * height) / 1024 ** 2;
  const output = images * Math.round((squareTokens[quality] ?? 0) * share);
  // About four characters to a token.
  const textTokens = Math.ceil(withoutWords(prompt).length / 4);
  const input = textTokens + imageTokens;
  return {
    total_tokens: input + output,
    input_tokens: input,
    output_tokens: output,
    input_tokens_details: { text_tokens: textTokens, image_tokens: imageTokens },
  };
}
