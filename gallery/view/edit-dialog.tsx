import { useEffect, useRef, useState } from "preact/hooks";
import { rememberBefore } from "../browser/references.ts";
import { addressOf, go } from "../browser/route.ts";
import { fileName, maskFile, openPicture, type Picture, saveAs } from "../browser/pictures.ts";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";
import { bodyOf, emptyForm } from "../model/image-form.ts";
import type { FrameRef } from "../model/sheet.ts";
import { editSnippets } from "../model/snippets.ts";
import { Dialog } from "./dialog.tsx";
import { MaskBoard } from "./mask-board.tsx";
import { PictureChooser } from "./picture-chooser.tsx";
import { editForm, noteSource } from "./edit-form.ts";
import { FormFields } from "./form-fields.tsx";
import { Snippets } from "./snippets.tsx";
import { useFocusOnErrors, useSending } from "./use-sending.ts";

interface Parts {
  gallery: Gallery;
  state: GalleryState;
  /** An image of a job to begin with; without it, a file is chosen. */
  source: FrameRef | undefined;
}

const fields = [
  "prompt",
  "model",
  "n",
  "size",
  "quality",
  "background",
  "output_format",
  "output_compression",
  "input_fidelity",
  "tags",
];

/** Where a picture is edited: mask on the left, form on the right. */
export function EditDialog({ gallery, state, source }: Parts) {
  const [picture, setPicture] = useState<Picture>();
  const [problem, setProblem] = useState("");
  const [isWhole, setWhole] = useState(false);
  const [form, setForm] = useState(emptyForm);
  const painted = useRef<HTMLCanvasElement>(null);
  const formElement = useRef<HTMLFormElement>(null);
  const [isReplaced, setReplaced] = useState(false);
  const models = state.models.filter(({ edits }) => edits);
  const model = models.find((one) => one.model === form.model) ?? models[0];
  // Another click after an answer is another edit: the paint may be another one.
  const sending = useSending(fields, JSON.stringify([form, isWhole]));
  useFocusOnErrors(formElement, sending.errors);

  const open = async (file: File) => {
    setProblem("");
    try {
      setPicture(await openPicture(file));
    } catch {
      setProblem("This file can't be shown as a picture. Choose a PNG or JPEG.");
    }
  };
  useEffect(() => {
    if (!source) return;
    const { id, index } = source;
    void gallery
      .guard(() => gallery.api.bytes(id, index))
      .then((bytes) => {
        if (bytes) void open(new File([bytes], fileName(id, index, bytes.type), { type: bytes.type }));
        else setProblem("That image can't be loaded. Choose a file instead.");
      });
  }, []);

  if (!model) {
    return (
      <Dialog name="edit-dialog" title="Edit a picture">
        <p>{state.models.length > 0 ? "No model that is deployed here can edit." : "One moment."}</p>
      </Dialog>
    );
  }
  const body = noteSource(bodyOf(form, model, true), isReplaced ? undefined : source);
  const submit = () =>
    sending.send(async () => {
      if (!picture) throw new Error("Choose a picture first.");
      const mask = isWhole || !painted.current ? undefined : await maskFile(painted.current);
      if (!isWhole && !mask) throw new Error("Paint over what should change, or choose the whole picture.");
      const job = await gallery.send((key) => gallery.api.edit(editForm(body, [picture.file], mask), key));
      if (!source || isReplaced) rememberBefore(job.id, picture.file);
      go(addressOf.job(job.id));
    }, true);

  const saveMask = async () => {
    const mask = painted.current ? await maskFile(painted.current) : undefined;
    setProblem(mask ? "" : "There is no mask yet: paint over what should change.");
    if (mask) saveAs(mask, mask.name);
  };

  return (
    <Dialog name="edit-dialog" title="Edit a picture">
      <form
        ref={formElement}
        class="edit-view"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="edit-picture">
          {picture ? (
            <MaskBoard
              key={picture.file.name + String(picture.file.lastModified)}
              picture={picture}
              painted={painted}
              isWhole={isWhole}
              onWhole={setWhole}
              onReplace={() => {
                setPicture(undefined);
                setReplaced(true);
              }}
            />
          ) : (
            <PictureChooser
              types={model.edit_limits?.input_types ?? ["image/png", "image/jpeg"]}
              takesFocus={isReplaced}
              isLoading={source !== undefined && problem === ""}
              onFile={(file) => void open(file)}
            />
          )}
          <p class="problem" role="alert">
            {problem}
          </p>
        </div>
        <div class="edit-form">
          <FormFields
            models={models}
            model={model}
            form={form}
            errors={sending.errors}
            isEdit
            promptLabel="What should change"
            onForm={setForm}
            onSubmit={() => void submit()}
          />
          <div class="foot">
            <p class="problem" role="alert">
              {sending.problem}
            </p>
            <button type="submit" class="button main" aria-disabled={sending.isSending}>
              {sending.isSending ? (state.isAway ? "Waits for the connection…" : "Sending…") : "Edit"}
            </button>
          </div>
          <Snippets
            snippets={editSnippets(location.origin, body, {
              images: [picture?.file.name ?? "picture.png"],
              ...(!isWhole && { mask: "mask.png" }),
            })}
          >
            {!isWhole && (
              <button type="button" class="button small" onClick={() => void saveMask()}>
                Save mask.png
              </button>
            )}
          </Snippets>
        </div>
      </form>
    </Dialog>
  );
}
