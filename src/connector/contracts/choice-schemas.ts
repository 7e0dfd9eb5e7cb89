import * as z from "zod";
import type { ChoiceField } from "./choices.ts";
import { shown } from "./words.ts";

/** What can be chosen here, for designers and for people; and whose connection it is. */

export const deploymentList = z
  .object({
    value: z
      .array(
        z
          .object({
            name: z.string().meta(shown("Name", "What the deployment is called in requests.")),
            title: z.string().meta(shown("Title", "What the list shows.")),
            model: z.string().meta(shown("Model", "The model it serves.")),
          })
          .meta({ id: "Deployment", ...shown("Deployment", "A model that can be asked.") }),
      )
      .meta(shown("Deployments", "The models that can be asked here.")),
  })
  .meta({ id: "DeploymentList" });
export type DeploymentList = z.infer<typeof deploymentList>;

const valuesText = (summary: string, what: string) =>
  z
    .string()
    .optional()
    .meta(shown(summary, `${what}, with commas between; absent where there is no choice.`));

const modelFacts = z
  .object({
    deployment: z.string().meta(shown("Deployment", "What it is called in requests.")),
    model: z.string().meta(shown("Name", "The model, such as gpt-image-1.")),
    canEdit: z.boolean().meta(shown("Can Edit", "Whether it edits images, too.")),
    maxImages: z.int().meta(shown("Most Images", "How many images one job may ask for.")),
    promptLimit: z.int().meta(shown("Prompt Limit", "How many characters a prompt may have.")),
    sizes: valuesText("Sizes", "Sizes it makes"),
    qualities: valuesText("Qualities", "Qualities it knows"),
    styles: valuesText("Styles", "Styles it knows"),
    backgrounds: valuesText("Backgrounds", "Backgrounds it knows"),
    outputFormats: valuesText("Output Formats", "File types it makes"),
    maxInputImages: z
      .int()
      .optional()
      .meta(shown("Most Input Images", "How many images one edit may bring.")),
  })
  .meta({ id: "ModelFacts", ...shown("Model", "A model that can be asked here.") });

export const modelList = z
  .object({ value: z.array(modelFacts).meta(shown("Models", "The models that can be asked here.")) })
  .meta({ id: "ModelList" });
export type ModelList = z.infer<typeof modelList>;

const fieldChoices = z.array(
  z
    .object({
      value: z.string().meta(shown("Value", "What is sent.")),
      title: z.string().meta(shown("Title", "What the list shows.")),
    })
    .meta({ id: "FieldChoice", ...shown("Choice", "A value that the field may have.") }),
);
const choicesOf = (title: string) => fieldChoices.meta(shown(title, "What this field may be."));

/** The list of each field; empty where no model has a choice. */
export const modelParametersReply = z
  .object({
    size: choicesOf("Sizes"),
    quality: choicesOf("Qualities"),
    style: choicesOf("Styles"),
    background: choicesOf("Backgrounds"),
    moderation: choicesOf("Moderations"),
    outputFormat: choicesOf("Output Formats"),
    inputFidelity: choicesOf("Input Fidelities"),
  } satisfies Record<ChoiceField, unknown>)
  .meta({ id: "ModelParameters" });
export type ModelParametersReply = z.infer<typeof modelParametersReply>;

export const connectionReply = z
  .object({ caller: z.string().meta(shown("Caller", "Whose key the connection uses.")) })
  .meta({ id: "ConnectionState" });
export type ConnectionReply = z.infer<typeof connectionReply>;
