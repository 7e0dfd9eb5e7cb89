import * as z from "zod";
import { metaOf, unwrapped } from "./fields.ts";
import { imageHookBody } from "./hooks.ts";
import {
  convertImageBody,
  createImageLinkBody,
  editImageBody,
  generateImageBody,
  imageTriggerQuery,
  listImageJobsQuery,
  shareImageBody,
  submitImageJobBody,
} from "./requests.ts";

const forms = [
  editImageBody,
  generateImageBody,
  submitImageJobBody,
  createImageLinkBody,
  convertImageBody,
  shareImageBody,
  imageHookBody,
  listImageJobsQuery,
  imageTriggerQuery,
];

/**
 * What an author calls the field at a place such as `images.1.url`: its title on the form, with those around it, counted
 * from 1. Undefined for what no form shows.
 */
export function titleOfField(place: string): string | undefined {
  const steps = place.split(".");
  for (const form of forms) {
    const titles = titlesAlong(form, steps);
    if (titles) return titles.join(" ");
  }
  return undefined;
}

function titlesAlong(field: z.ZodType, [step, ...rest]: string[]): string[] | undefined {
  if (step === undefined) return [];
  const inner = unwrapped(field);
  if (inner instanceof z.ZodArray) {
    const further = titlesAlong(inner.element as z.ZodType, rest);
    return /^\d+$/.test(step) && further ? [String(Number(step) + 1), ...further] : undefined;
  }
  const next: unknown = inner instanceof z.ZodObject ? inner.shape[step] : undefined;
  if (!(next instanceof z.ZodType)) return undefined;
  const { "x-ms-summary": title, "x-ms-visibility": visibility } = metaOf(next);
  if (visibility === "internal") return undefined;
  const further = titlesAlong(next, rest);
  return typeof title === "string" && further ? [title, ...further] : undefined;
}
