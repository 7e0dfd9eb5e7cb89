import { useEffect, useRef } from "preact/hooks";
import { generationCurl } from "../model/curl.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";
import { bodyOf, type ImageForm } from "../model/image-form.ts";
import { CurlBox } from "./curl-box.tsx";
import { useFocusOnErrors, useSending } from "./use-sending.ts";
import { FormFields } from "./form-fields.tsx";

interface Parts {
  gallery: Gallery;
  state: GalleryState;
  form: ImageForm;
  takesFocus: boolean;
  onForm: (form: ImageForm) => void;
}

const fields = [
  "prompt",
  "model",
  "n",
  "size",
  "quality",
  "style",
  "background",
  "moderation",
  "output_format",
  "output_compression",
  "tags",
];

/** Where pictures are asked for. */
export function Composer({ gallery, state, form, takesFocus, onForm }: Parts) {
  const { isSending, errors, problem, send } = useSending(fields);
  const formElement = useRef<HTMLFormElement>(null);
  const { models } = state;
  const model = models.find((one) => one.model === form.model) ?? models[0];
  const hasErrors = Object.keys(errors).length > 0;
  useFocusOnErrors(formElement, errors);

  const isReady = model !== undefined;
  useEffect(() => {
    // Not where it would raise a keyboard over half of the screen.
    if (isReady && takesFocus && matchMedia("(pointer: fine)").matches)
      formElement.current?.querySelector("textarea")?.focus();
  }, [isReady]);

  if (!model) {
    return (
      <section class="composer" aria-label="New images" aria-busy={state.problem === undefined}>
        <p class="hint">{state.problem ?? (state.isAway ? "Waiting for the connection." : "One moment.")}</p>
      </section>
    );
  }
  const body = bodyOf(form, model);
  const n = Number(body["n"]);
  const submit = () =>
    send(async () => {
      await gallery.send((key) => gallery.api.generate(body, key));
      // On a phone the sheet lies below the form: what was asked for comes into sight.
      if (matchMedia("(max-width: 52rem)").matches) document.querySelector(".sheet")?.scrollIntoView();
    });

  return (
    <section class="composer" aria-label="New images">
      <form
        ref={formElement}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <FormFields
          models={models}
          model={model}
          form={form}
          errors={errors}
          onForm={onForm}
          onSubmit={() => void submit()}
        />
        <p class="problem" role="alert">
          {[hasErrors && "Something needs another look.", problem].filter(Boolean).join(" ")}
        </p>
        <button type="submit" class="button main" aria-disabled={isSending}>
          {isSending
            ? state.isAway
              ? "Waits for the connection…"
              : "Sending…"
            : n === 1
              ? "Make an image"
              : `Make ${n} images`}
        </button>
        <CurlBox command={generationCurl(location.origin, body)} />
      </form>
    </section>
  );
}
