import { readFile } from "node:fs/promises";
import type { JsonObject } from "../json.ts";
import { diagramOf } from "./diagram.ts";
import { readSample, sampleNames, workflowsFolder } from "./samples.ts";
import { servicesWith } from "./services.ts";
import { wordsOf } from "./words.ts";

export const workflowsReadme = new URL("../README.md", workflowsFolder);

/** The README of the sample workflows, with each one's diagram drawn from its definition of today. */
export async function readmeWithDiagrams(darkroom: JsonObject): Promise<string> {
  const services = servicesWith(darkroom);
  let text = await readFile(workflowsReadme, "utf8");
  for (const name of sampleNames) {
    const diagram = diagramOf(await readSample(name), (step) => wordsOf(services, step));
    text = text.replace(
      new RegExp(`(<!-- diagram of ${name} -->\n\n)\`\`\`mermaid\n[^]*?\n\`\`\``),
      (_, mark: string) => `${mark}\`\`\`mermaid\n${diagram}\n\`\`\``,
    );
  }
  return text;
}
