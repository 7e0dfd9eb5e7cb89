import { useEffect, useMemo, useState } from "preact/hooks";
import { apiClient } from "../api/client.ts";
import { goHome, useRoute } from "../browser/route.ts";
import { session } from "../browser/session.ts";
import { useGallery } from "../browser/use-gallery.ts";
import { Gallery } from "../model/gallery.ts";
import { emptyForm, type ImageForm } from "../model/image-form.ts";
import { Composer } from "./composer.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { Header } from "./header.tsx";
import { JobDialog } from "./job-dialog.tsx";
import { KeyForm } from "./key-form.tsx";
import { Sheet } from "./sheet.tsx";

/** The whole page: a key first, then the gallery. */
export function App() {
  const [key, setKey] = useState(session.key);
  const [reason, setReason] = useState("");
  const [hasSignedIn, setSignedIn] = useState(false);
  const signOut = (why: string) => {
    // Who is put out by a key that has died finds what was being written again; who leaves, leaves nothing.
    if (why === "") session.clear();
    else session.keepKey("");
    goHome();
    setReason(why);
    setKey("");
  };
  if (key === "") {
    return (
      <KeyForm
        reason={reason}
        onOpen={(opened) => {
          session.keepKey(opened);
          setSignedIn(true);
          setKey(opened);
        }}
      />
    );
  }
  return <Room key={key} apiKey={key} hasSignedIn={hasSignedIn} onSignOut={signOut} />;
}

interface RoomParts {
  apiKey: string;
  /** Signed in just now, which has taken the focus with it. */
  hasSignedIn: boolean;
  onSignOut: (why: string) => void;
}

function Room({ apiKey, hasSignedIn, onSignOut }: RoomParts) {
  const gallery = useMemo(() => new Gallery(apiClient(apiKey)), [apiKey]);
  const state = useGallery(gallery);
  const route = useRoute();
  const [form, setForm] = useState(savedForm);

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
  useEffect(() => {
    if (state.isLockedOut) onSignOut("This key is not known here any more. Enter one that is.");
  }, [state.isLockedOut]);
  useEffect(() => session.keepDraft(form), [form]);

  return (
    <>
      <Header state={state} onSignOut={() => onSignOut("")} />
      <main>
        <Composer gallery={gallery} state={state} form={form} takesFocus={hasSignedIn} onForm={setForm} />
        <Sheet gallery={gallery} state={state} />
      </main>
      {route.view === "job" && <JobDialog key={route.id} id={route.id} gallery={gallery} state={state} />}
      {route.view === "edit" && (
        <EditDialog
          key={`${route.id ?? ""}/${route.index ?? 0}`}
          gallery={gallery}
          state={state}
          source={route.id === undefined ? undefined : { id: route.id, index: route.index ?? 0 }}
        />
      )}
      <p class="unseen" role="status">
        {state.said}
      </p>
    </>
  );
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
