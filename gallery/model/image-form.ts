import type { Model } from "../api/types.ts";

/** What stands in the form. Fields that the chosen model doesn't know are kept, for when one is chosen that does. */
export interface ImageForm {
  model: string;
  prompt: string;
  n: number;
  size: string;
  quality: string;
  style: string;
  background: string;
  moderation: string;
  output_format: string;
  output_compression: string;
  input_fidelity: string;
  as_is: boolean;
  partials: boolean;
  tags: string;
}

export const emptyForm: ImageForm = {
  model: "",
  prompt: "",
  n: 1,
  size: "",
  quality: "",
  style: "",
  background: "",
  moderation: "",
  output_format: "",
  output_compression: "",
  input_fidelity: "",
  as_is: false,
  partials: true,
  tags: "",
};

export type Choice = "quality" | "style" | "background" | "moderation" | "output_format" | "input_fidelity";

const lists = {
  quality: "qualities",
  style: "styles",
  background: "backgrounds",
  moderation: "moderations",
  output_format: "output_formats",
  input_fidelity: "input_fidelities",
} as const satisfies Record<Choice, keyof Model>;

/** Values to choose from; empty when the model doesn't know the field. */
export function choicesOf(model: Model, field: Choice, isEdit = false): readonly string[] {
  // An edit knows neither, and a generation has nothing to be faithful to.
  const unknown = isEdit ? ["style", "moderation"] : ["input_fidelity"];
  return unknown.includes(field) ? [] : (model[lists[field]] ?? []);
}

const isSize = (text: string) => /^\d+x\d+$|^auto$/.test(text);

export function sizesOf({ sizes }: Model): { sizes: string[]; rule?: string } {
  const rule = sizes.find((size) => !isSize(size));
  const listed = sizes.filter(isSize);
  // A model that nobody described lists none: any may be tried.
  if (rule !== undefined) return { sizes: listed, rule };
  return listed.length > 0 ? { sizes: listed } : { sizes: [], rule: "WIDTHxHEIGHT, as the model allows" };
}

/** The chosen value if the model knows it, else the model's own. */
export function chosen(form: ImageForm, model: Model, field: Choice | "size", isEdit = false): string {
  const value = form[field];
  if (field === "size") {
    const { sizes, rule } = sizesOf(model);
    const usual = (isEdit ? model.edit_limits?.default_size : undefined) ?? model.defaults["size"] ?? "";
    const fits = sizes.includes(value) || (rule !== undefined && value !== "");
    return fits ? value : usual;
  }
  const choices = choicesOf(model, field, isEdit);
  // What isn't sent is the service's to choose, and it says "auto" to that where it knows the word.
  const usual = model.defaults[field] ?? (choices.includes("auto") ? "auto" : choices[0]);
  return choices.includes(value) ? value : (usual ?? "");
}

/** The body to send: only what the model knows, and of that only what was chosen or means something. */
export function bodyOf(form: ImageForm, model: Model, isEdit = false): Record<string, unknown> {
  const known = (field: Choice) => choicesOf(model, field, isEdit).length > 0 && form[field] !== "";
  const chosenFields = (Object.keys(lists) as Choice[]).filter(known);
  const format = chosen(form, model, "output_format", isEdit);
  const tags = form.tags.split(/[\s,]+/).filter(Boolean);
  return {
    model: model.model,
    prompt: form.prompt,
    n: Math.min(Math.max(1, form.n), model.max_images),
    size: chosen(form, model, "size", isEdit),
    ...Object.fromEntries(chosenFields.map((field) => [field, chosen(form, model, field, isEdit)])),
    ...(compresses(format) &&
      form.output_compression !== "" && { output_compression: Number(form.output_compression) }),
    ...(!isEdit && form.as_is && rewrites(model) && { prompt_mode: "as_is" }),
    ...(model.streaming && form.partials && { stream: true, partial_images: 2 }),
    ...(tags.length > 0 && { tags }),
  };
}

export const compresses = (format: string): boolean => format === "jpeg" || format === "webp";

/** It draws from a prompt of its own making; the list of models doesn't say so, but only one has ever done it. */
export const rewrites = ({ model }: Model): boolean => model === "dall-e-3";

const repeatable = [
  "prompt",
  "n",
  "size",
  "quality",
  "style",
  "background",
  "moderation",
  "output_format",
  "output_compression",
  "input_fidelity",
  "prompt_mode",
  "stream",
  "partial_images",
] as const;

interface Asked {
  id?: string;
  kind?: string;
  metadata?: Record<string, string> | undefined;
  model?: string | undefined;
  request: Record<string, unknown>;
  tags?: string[] | undefined;
}

/** The form as it stood when a job was asked for. */
export function formOf({ model = "", request, tags = [] }: Asked): ImageForm {
  const fields = Object.keys(emptyForm).filter(
    (field) => typeof request[field] === "string" && typeof emptyForm[field as keyof ImageForm] === "string",
  );
  const { n, output_compression: compression } = request;
  return {
    ...emptyForm,
    ...(Object.fromEntries(fields.map((field) => [field, request[field]])) as Partial<ImageForm>),
    model,
    n: typeof n === "number" ? n : 1,
    output_compression: typeof compression === "number" ? String(compression) : "",
    as_is: request["prompt_mode"] === "as_is",
    partials: request["stream"] === true,
    tags: tags.join(" "),
  };
}

/** The request of a job, once more: a new job with the same parameters and, of an edit, the same pictures. */
export function againOf(job: Asked): Record<string, unknown> {
  const asked = repeatable.filter((field) => job.request[field] !== undefined);
  const { images, mask } = job.request;
  return {
    ...(job.kind === "edit" &&
      Array.isArray(images) && { images: images.map((_, input) => ({ job_id: job.id, input })) }),
    ...(job.kind === "edit" && mask !== undefined && { mask: { job_id: job.id, input: "mask" } }),
    ...(job.metadata && { metadata: job.metadata }),
    ...(job.model !== undefined && { model: job.model }),
    ...Object.fromEntries(asked.map((field) => [field, job.request[field]])),
    ...(job.tags && job.tags.length > 0 && { tags: job.tags }),
  };
}
