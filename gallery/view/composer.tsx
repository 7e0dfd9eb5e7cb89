import { useEffect, useRef } from "preact/hooks";
import { type Reference, rememberBefore } from "../browser/references.ts";
import { isNarrow } from "../browser/use-media.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";
import { bodyOf, type ImageForm } from "../model/image-form.ts";
import { priceOf } from "../model/price.ts";
import { editSnippets, generationSnippets } from "../model/snippets.ts";
import { editForm, noteSource } from "./edit-form.ts";
import { FormFields } from "./form-fields.tsx";
import type { GivenFiles } from "./given-files.ts";
import { ReferenceTray } from "./reference-tray.tsx";
import { Snippets } from "./snippets.tsx";
import { useFocusOnErrors, useSending } from "./use-sending.ts";

interface Parts {
  gallery: Gallery;
  state: GalleryState;
  form: ImageForm;
  references: readonly Reference[];
  given: GivenFiles;
  takesFocus: boolean;
  /** On a phone: the whole form, over the sheet. */
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onForm: (form: ImageForm) => void;
  onReferences: (references: readonly Reference[]) => void;
}

const fields = [
  ...["prompt", "model", "n", "size", "quality", "style", "background", "moderation"],
  ...["output_format", "output_compression", "input_fidelity", "tags", "image"],
];

/** Where pictures are asked for: a rail beside the sheet, on a phone a bar below it. */
export function Composer(parts: Parts) {
  const { gallery, state, form, references, takesFocus, isOpen, onOpen, onForm } = parts;
  const formElement = useRef<HTMLFormElement>(null);
  const isEdit = references.length > 0;
  const models = isEdit ? state.models.filter(({ edits }) => edits) : state.models;
  const model = models.find((one) => one.model === form.model) ?? models[0];
  const body = model && noteSource(bodyOf(form, model, isEdit), references[0]?.source);
  const { isSending, isSent, errors, problem, send } = useSending(
    fields,
    JSON.stringify([body, references.map(({ url }) => url)]),
  );
  const hasErrors = Object.keys(errors).length > 0;
  useFocusOnErrors(formElement, errors);

  const isReady = model !== undefined;
  useEffect(() => {
    // Not where it would raise a keyboard over half of the screen.
    if (isReady && takesFocus && matchMedia("(pointer: fine)").matches)
      formElement.current?.querySelector("textarea")?.focus();
  }, [isReady]);

  if (!model || !body) {
    const noEditor = isEdit && state.models.length > 0;
    return (
      <section class="composer" aria-label="New images" aria-busy={state.problem === undefined}>
        <p class="hint">
          {noEditor
            ? "No model that is deployed here takes pictures. "
            : (state.problem ?? (state.isAway ? "Waiting for the connection." : "One moment."))}
          {noEditor && (
            <button type="button" class="button link" onClick={() => parts.onReferences([])}>
              Take them out
            </button>
          )}
        </p>
      </section>
    );
  }
  const n = Number(body["n"]);
  const price = priceOf(model, body);
  const submit = (again = false) =>
    send(async () => {
      const job = await gallery.send((key) =>
        isEdit
          ? gallery.api.edit(
              editForm(
                body,
                references.map(({ file }) => file),
              ),
              key,
            )
          : gallery.api.generate(body, key),
      );
      const [first] = references;
      if (first && !first.source) rememberBefore(job.id, first.file);
      // What was asked for comes into sight.
      if (matchMedia(isNarrow).matches) onOpen(false);
      if (scrollY > 0) scrollTo({ top: 0 });
    }, again);
  const files = references.map(({ file }) => file.name);

  return (
    <section class={`composer ${isOpen ? "open" : ""}`} aria-label="New images">
      <form
        ref={formElement}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape" && isOpen && matchMedia(isNarrow).matches) onOpen(false);
        }}
      >
        <FormFields
          models={models}
          model={model}
          form={form}
          errors={errors}
          isEdit={isEdit}
          promptLabel="Prompt"
          onForm={onForm}
          onSubmit={() => void submit()}
        >
          <ReferenceTray
            references={references}
            most={model.edit_limits?.images ?? 16}
            error={errors["image"]}
            canEdit={state.models.some(({ edits }) => edits)}
            given={parts.given}
            onReferences={parts.onReferences}
          />
        </FormFields>
        <div class="foot">
          <p class="problem" role="alert">
            {[hasErrors && "Something needs another look.", problem].filter(Boolean).join(" ")}
          </p>
          <div class="send">
            <button type="submit" class="button main" aria-disabled={isSending || isSent}>
              {isSending
                ? state.isAway
                  ? "Waits for the connection…"
                  : "Sending…"
                : isSent
                  ? "Sent"
                  : n === 1
                    ? "Make an image"
                    : `Make ${n} images`}
            </button>
            <button
              type="button"
              class="button settings"
              aria-expanded={isOpen}
              onClick={() => onOpen(!isOpen)}
            >
              {isOpen ? "Close" : "Settings"}
            </button>
          </div>
          <p class="hint once-more">
            {isSent ? (
              <>
                Change anything to go on, or{" "}
                <button type="button" class="button link" onClick={() => void submit(true)}>
                  ask for the same once more
                </button>
              </>
            ) : (
              price
            )}
          </p>
        </div>
        <Snippets
          snippets={
            isEdit
              ? editSnippets(location.origin, body, { images: files })
              : generationSnippets(location.origin, body)
          }
        />
      </form>
    </section>
  );
}
