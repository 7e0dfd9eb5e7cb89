import { fieldText } from "../model/curl.ts";
import type { FrameRef } from "../model/sheet.ts";
import { sourceKey } from "../model/slots.ts";

/** The form of an edit, as the app reads it. */
export function editForm(body: Record<string, unknown>, images: readonly File[], mask?: File): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) form.set(name, fieldText(value));
  for (const image of images) form.append("image", image);
  if (mask) form.set("mask", mask);
  return form;
}

/** Notes on the job which picture it began with, so that both can be compared later. */
export function noteSource(body: Record<string, unknown>, source: FrameRef | undefined) {
  return source ? { ...body, metadata: { [sourceKey]: `${source.id}/${source.index}` } } : body;
}
