import { join } from "node:path";
import {
  readRecordedInstances,
  type RecordedInstance,
} from "../../packages/functions-host/src/durable/journal.ts";
import type { BenchSize } from "./size.ts";
import type { Stack } from "./stack.ts";
import type { Row } from "./table.ts";

/** No durable value may be larger: what is small stays in one table row, in Azure as here. */
const largestValueBytes = 16 * 1024;

/** What a job of several images leaves in the journals of its orchestrations. */
export async function measureDurableHistory(stack: Stack, { images }: BenchSize["history"]): Promise<Row[]> {
  const { id } = await stack.run({ model: "dall-e-3", prompt: "Doors of one street", n: images });
  const recorded = readRecordedInstances(join(stack.hostData, "durable"));
  const ours = recorded.filter(({ header }) => header.id.startsWith(id));
  const histories = ours.reduce((sum, { history }) => sum + bytesOf(JSON.stringify(history)), 0);
  const largest = Math.max(...ours.flatMap(valuesOf).map(bytesOf));
  return [
    {
      what: "durable history per image / 16 KiB",
      figures: `${Math.round(histories / images)} bytes, ${ours.length} instances for ${images} images`,
      ratio: histories / images / largestValueBytes,
    },
    {
      what: "largest durable value / 16 KiB",
      figures: `${largest} bytes`,
      ratio: largest / largestValueBytes,
      as: "percent",
      bound: 1,
    },
  ];
}

/** Every text that an orchestration was given, gave, or has in its history. */
function valuesOf({ header, history }: RecordedInstance): string[] {
  const facts: object[] = [header, ...history];
  return facts
    .flatMap((each) => Object.values(each) as unknown[])
    .filter((value) => typeof value === "string");
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
