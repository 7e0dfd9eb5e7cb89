import { readFile } from "node:fs/promises";
import type { JsonObject } from "../json.ts";
import { drawFlow } from "./picture/draw.ts";
import { sampleNames, workflowsFolder } from "./samples.ts";
import { servicesWith } from "./services.ts";

/** The picture of every sample workflow, by the name of its file. */
export async function flowPictures(darkroom: JsonObject): Promise<Record<string, string>> {
  const services = servicesWith(darkroom);
  const drawn = await Promise.all(
    sampleNames.map(async (name): Promise<[string, string]> => {
      const text = await readFile(new URL(`${name}.json`, workflowsFolder), "utf8");
      const title = name.replaceAll("-", " ");
      return [
        `${name}.svg`,
        drawFlow(
          `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
          JSON.parse(text) as JsonObject,
          services,
        ),
      ];
    }),
  );
  return Object.fromEntries(drawn);
}
