import { useId, useLayoutEffect, useState } from "preact/hooks";
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
import { Check, Count, Problem, Segments, SizeIcon, TextField } from "./fields.tsx";

interface Parts {
  models: readonly Model[];
  model: Model;
  form: ImageForm;
  errors: Record<string, string>;
  isEdit?: boolean;
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
export function FormFields({ models, model, form, errors, isEdit = false, onForm, onSubmit }: Parts) {
  const id = useId();
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
        error={errors[field]}
        onChange={(value) => set({ [field]: value })}
      />
    ) : null;
  };

  // What is wrong must be in sight before it can be looked at.
  const [isOpen, setOpen] = useState(false);
  const isWrong = inMore.some((field) => errors[field]);
  useLayoutEffect(() => {
    if (isWrong) setOpen(true);
  }, [errors]);

  return (
    <>
      <div class="field">
        <div class="label-line">
          <label for={`${id}-prompt`}>{isEdit ? "What should change" : "Prompt"}</label>
          <span class="hint" aria-hidden="true">
            {Array.from(form.prompt).length} / {model.prompt_limit}
          </span>
        </div>
        <textarea
          id={`${id}-prompt`}
          name="prompt"
          dir="auto"
          rows={isEdit ? 3 : 5}
          value={form.prompt}
          placeholder={isEdit ? "A hot-air balloon over the bay" : "A multi-colored umbrella on the beach"}
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
      <div class="pair">
        <div class="field grows">
          <label for={`${id}-model`}>Model</label>
          <select
            id={`${id}-model`}
            name="model"
            value={model.model}
            aria-invalid={Boolean(errors["model"])}
            aria-describedby={`${id}-model-problem`}
            onChange={(event) => set({ model: event.currentTarget.value })}
          >
            {models.map((one) => (
              <option key={one.model} value={one.model}>
                {one.model}
              </option>
            ))}
          </select>
          <Problem id={`${id}-model-problem`} text={errors["model"]} />
        </div>
        <Count
          label="Images"
          value={Math.min(form.n, model.max_images)}
          most={model.max_images}
          error={errors["n"]}
          onChange={(n) => set({ n })}
        />
      </div>
      {sizes.length > 0 && (
        <Segments
          label="Size"
          name={`${id}-size`}
          choices={sizes}
          value={size}
          error={rule === undefined ? errors["size"] : undefined}
          icon={(one) => <SizeIcon size={one} />}
          format={(one) => one.replace("x", " × ")}
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
