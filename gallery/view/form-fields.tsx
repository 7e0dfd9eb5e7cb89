import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Model } from "../api/types.ts";
import {
  type Choice,
  choicesOf,
  chosen,
  compresses,
  rewrites,
  sizesOf,
  type ImageForm,
} from "../model/image-form.ts";
import { choiceLabel, purposeOf, sizeLabel } from "../model/labels.ts";
import { Check, Count, Problem, Segments, SizeIcon, TextField } from "./fields.tsx";

interface Parts {
  models: readonly Model[];
  model: Model;
  form: ImageForm;
  errors: Record<string, string>;
  isEdit?: boolean;
  promptLabel: string;
  /** Stands below the prompt. */
  children?: ComponentChildren;
  onForm: (form: ImageForm) => void;
  onSubmit: () => void;
}

const labels: Record<Choice, string> = {
  quality: "Quality",
  style: "Style",
  background: "Background",
  moderation: "Moderation",
  output_format: "Format",
  input_fidelity: "Keep to the picture",
};

const inMore = ["background", "output_format", "output_compression", "moderation", "tags"];

/** What can be asked of the chosen model, and nothing that it doesn't know. */
export function FormFields(parts: Parts) {
  const { models, model, form, errors, isEdit = false, promptLabel, children, onForm, onSubmit } = parts;
  const id = useId();
  const prompt = useRef<HTMLTextAreaElement>(null);
  const purpose = purposeOf(model.model);
  const set = (change: Partial<ImageForm>) => onForm({ ...form, ...change });
  const { sizes, rule } = sizesOf(model);
  const size = chosen(form, model, "size", isEdit);
  const choice = (field: Choice) => {
    const choices = choicesOf(model, field, isEdit);
    return choices.length > 0 ? (
      <Segments
        key={field}
        label={labels[field]}
        name={`${id}-${field}`}
        choices={choices}
        value={chosen(form, model, field, isEdit)}
        format={(value) => choiceLabel(field, value)}
        error={errors[field]}
        onChange={(value) => set({ [field]: value })}
      />
    ) : null;
  };

  // As high as what stands in it, within what the style sheet allows.
  useLayoutEffect(() => {
    const { current } = prompt;
    if (!current) return;
    current.style.height = "0";
    current.style.height = `${current.scrollHeight + 2}px`;
  }, [form.prompt]);

  // What is wrong must be in sight before it can be looked at.
  const [isOpen, setOpen] = useState(false);
  const isWrong = inMore.some((field) => errors[field]);
  useLayoutEffect(() => {
    if (isWrong) setOpen(true);
  }, [errors]);

  return (
    <>
      <div class="field prompt">
        <div class="label-line">
          <label for={`${id}-prompt`}>{promptLabel}</label>
          <span class="hint" aria-hidden="true">
            {Array.from(form.prompt).length} / {model.prompt_limit}
          </span>
        </div>
        <textarea
          ref={prompt}
          id={`${id}-prompt`}
          name="prompt"
          dir="auto"
          value={form.prompt}
          placeholder={isEdit ? "A hot-air balloon over the bay" : "What do you want to see?"}
          aria-invalid={Boolean(errors["prompt"])}
          aria-describedby={`${id}-prompt-problem`}
          onInput={(event) => set({ prompt: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            onSubmit();
          }}
        />
        <Problem id={`${id}-prompt-problem`} text={errors["prompt"]} />
      </div>
      {children}
      <div class="field">
        <label for={`${id}-model`}>Model</label>
        <select
          id={`${id}-model`}
          name="model"
          value={model.model}
          aria-invalid={Boolean(errors["model"])}
          aria-describedby={`${id}-model-purpose ${id}-model-problem`}
          onChange={(event) => set({ model: event.currentTarget.value })}
        >
          {models.map((one) => (
            <option key={one.model} value={one.model}>
              {one.model}
            </option>
          ))}
        </select>
        {purpose && (
          <p class="hint" id={`${id}-model-purpose`}>
            {purpose}
          </p>
        )}
        <Problem id={`${id}-model-problem`} text={errors["model"]} />
      </div>
      {sizes.length > 0 && (
        <Segments
          label="Shape"
          name={`${id}-size`}
          choices={sizes}
          value={size}
          error={rule === undefined ? errors["size"] : undefined}
          icon={(one) => <SizeIcon size={one} />}
          format={(one) => sizeLabel(one, sizes)}
          onChange={(value) => set({ size: value })}
        />
      )}
      {rule !== undefined && (
        <TextField
          label={sizes.length > 0 ? "Or a size of your own" : "Size"}
          name="size"
          value={size}
          hint={rule}
          error={errors["size"]}
          onChange={(value) => set({ size: value })}
        />
      )}
      <Count
        label="Images"
        value={Math.min(form.n, model.max_images)}
        most={model.max_images}
        error={errors["n"]}
        onChange={(n) => set({ n })}
      />
      {choice("quality")}
      {choice("style")}
      {choice("input_fidelity")}
      {model.streaming && (
        <Check
          label="Watch it develop"
          hint="Coarse pictures first, finer ones as they come."
          checked={form.partials}
          onChange={(partials) => set({ partials })}
        />
      )}
      <details class="more" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>More</summary>
        {choice("background")}
        {choice("output_format")}
        {compresses(chosen(form, model, "output_format", isEdit)) && (
          <TextField
            label="Compression, 0 to 100"
            name="output_compression"
            inputMode="numeric"
            value={form.output_compression}
            error={errors["output_compression"]}
            onChange={(value) => set({ output_compression: value })}
          />
        )}
        {choice("moderation")}
        {!isEdit && rewrites(model) && (
          <Check
            label="Use my words as they are"
            hint="This model rewrites prompts; it is asked not to."
            checked={form.as_is}
            onChange={(as_is) => set({ as_is })}
          />
        )}
        <TextField
          label="Tags"
          name="tags"
          value={form.tags}
          hint="Up to 8 words to find the job by."
          error={errors["tags"]}
          onChange={(tags) => set({ tags })}
        />
      </details>
    </>
  );
}
