import { useEffect, useMemo, useState } from "preact/hooks";
import { apiClient } from "../api/client.ts";
import { type Reference, referenceTo, referenceToImage } from "../browser/references.ts";
import { addressOf, go, useRoute } from "../browser/route.ts";
import { session } from "../browser/session.ts";
import { useGallery } from "../browser/use-gallery.ts";
import { Gallery } from "../model/gallery.ts";
import { emptyForm, formOf, type ImageForm } from "../model/image-form.ts";
import type { FrameRef } from "../model/sheet.ts";
import type { Job } from "../api/types.ts";
import { sourceOf } from "../model/slots.ts";
import { CompareDialog } from "./compare.tsx";
import { Composer } from "./composer.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { Header } from "./header.tsx";
import { Inspector } from "./inspector.tsx";
import { focusPrompt, useGivenFiles } from "./given-files.ts";
import { Sheet } from "./sheet.tsx";

interface Parts {
  apiKey: string;
  /** Signed in just now, which has taken the focus with it. */
  hasSignedIn: boolean;
  onSignOut: (why: string) => void;
}

const maxReferences = 16;

/** The gallery of one caller: composer, sheet, and what is opened from it. */
export function Room({ apiKey, hasSignedIn, onSignOut }: Parts) {
  const gallery = useMemo(() => new Gallery(apiClient(apiKey)), [apiKey]);
  const state = useGallery(gallery);
  const route = useRoute();
  const [form, setForm] = useState(savedForm);
  const [references, setReferences] = useState<readonly Reference[]>([]);
  const [isComposing, setComposing] = useState(false);
  const [marked, setMarked] = useState<FrameRef>();
  useLife(gallery);
  useEffect(() => {
    if (state.isLockedOut) onSignOut("This key is not known here any more. Enter one that is.");
  }, [state.isLockedOut]);
  useEffect(() => session.keepDraft(form), [form]);

  const addReferences = (added: readonly Reference[]) => {
    if (added.length === 0) return;
    setReferences((known) => [...known, ...added].slice(0, maxReferences));
    setComposing(true);
  };
  const given = useGivenFiles(maxReferences - references.length, (pictures) => {
    setComposing(true);
    addReferences(pictures.map((file) => referenceTo(file)));
  });

  const useAsReference = async (frame: FrameRef) => {
    const reference = await gallery.guard(() => referenceToImage(gallery.api, frame));
    if (reference) addReferences([reference]);
    focusPrompt();
  };
  const changeWords = async (job: Job) => {
    setForm(formOf(job));
    setReferences([]);
    setComposing(true);
    const source = job.kind === "edit" ? sourceOf(job) : undefined;
    if (source) await useAsReference(source);
    focusPrompt();
  };
  const tryAgain = (job: Job) =>
    void gallery.again(job).then(
      (next) => next && scrollTo({ top: 0 }),
      (error: unknown) => gallery.say(error instanceof Error ? error.message : "It did not work."),
    );
  const mark = (frame: FrameRef) => {
    if (marked && !isSame(marked, frame)) {
      setMarked(undefined);
      go(addressOf.compare(marked, frame));
      return;
    }
    setMarked(marked ? undefined : frame);
    gallery.say(marked ? "No longer marked." : "Marked. Mark another one to compare them.");
  };

  return (
    <>
      <Header state={state} onSignOut={() => onSignOut("")} />
      <main class={route.view === "job" ? "inspecting" : ""}>
        <Composer
          gallery={gallery}
          state={state}
          form={form}
          references={references}
          given={given}
          takesFocus={hasSignedIn}
          isOpen={isComposing}
          onOpen={setComposing}
          onForm={setForm}
          onReferences={setReferences}
        />
        <Sheet
          gallery={gallery}
          state={state}
          opened={route.view === "job" ? route : undefined}
          marked={marked}
          onMark={mark}
          onExample={(prompt) => {
            setForm({ ...form, prompt });
            setComposing(true);
            focusPrompt();
          }}
          onAgain={tryAgain}
          onChangeWords={(job) => void changeWords(job)}
        />
        {route.view === "job" && (
          <Inspector
            frame={route}
            gallery={gallery}
            state={state}
            isMarked={marked !== undefined && isSame(marked, route)}
            hasMark={marked !== undefined}
            onMark={() => mark(route)}
            onChangeWords={(job) => void changeWords(job)}
            onReference={() => void useAsReference(route)}
          />
        )}
      </main>
      {route.view === "compare" && (
        <CompareDialog gallery={gallery} left={route.left} right={route.right} state={state} />
      )}
      {route.view === "edit" && (
        <EditDialog
          key={route.source && `${route.source.id}/${route.source.index}`}
          gallery={gallery}
          state={state}
          source={route.source}
        />
      )}
      <p class="unseen" role="status">
        {state.said}
      </p>
    </>
  );
}

const isSame = (a: FrameRef, b: FrameRef): boolean => a.id === b.id && a.index === b.index;

function useLife(gallery: Gallery): void {
  useEffect(() => {
    void gallery.start();
    const back = () => gallery.nudge();
    const lost = () => gallery.lost();
    const seen = () => {
      if (document.visibilityState !== "visible") return;
      gallery.nudge();
      // Another tab, or another client of the same key, may have been at work.
      void gallery.catchUp();
    };
    addEventListener("online", back);
    addEventListener("offline", lost);
    document.addEventListener("visibilitychange", seen);
    return () => {
      gallery.close();
      removeEventListener("online", back);
      removeEventListener("offline", lost);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [gallery]);
}

/** What was in the form before a reload. It may be of an older version of this page. */
function savedForm(): ImageForm {
  const saved = session.draft();
  if (typeof saved !== "object" || saved === null) return emptyForm;
  const known = Object.entries(saved).filter(
    ([field, value]) => field in emptyForm && typeof value === typeof emptyForm[field as keyof ImageForm],
  );
  return { ...emptyForm, ...(Object.fromEntries(known) as Partial<ImageForm>) };
}
