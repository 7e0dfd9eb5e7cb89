import type { WorkflowEngine } from "./engine.ts";
import type { Inputs } from "./requests.ts";

/** Large content, part by part, as far as Content-Range says that there is more. */
export async function readInChunks(
  engine: WorkflowEngine,
  operationId: string,
  inputs: Inputs,
  chunkBytes: number,
): Promise<{ content: Buffer; parts: number }> {
  const parts: Buffer[] = [];
  for (let at = 0, total = Infinity; at < total;) {
    const range = `bytes=${at}-${at + chunkBytes - 1}`;
    const { status, headers, content } = await engine.act(operationId, inputs, { headers: { range } });
    if (status !== 206) throw new Error(`${status} for ${range}`);
    const contentRange = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "");
    if (Number(contentRange?.[1]) !== at || Number(contentRange?.[2]) !== at + content.byteLength - 1)
      throw new Error(`${contentRange?.[0] ?? "nothing"} for ${range}`);
    total = Number(contentRange?.[3]);
    at += content.byteLength;
    parts.push(content);
  }
  return { content: Buffer.concat(parts), parts: parts.length };
}
