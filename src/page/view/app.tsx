import { useEffect, useMemo, useState } from "preact/hooks";
import { apiClient } from "../api/client.ts";
import { goHome, useRoute } from "../browser/route.ts";
import { session } from "../browser/session.ts";
import { useGallery } from "../browser/use-gallery.ts";
import { Gallery } from "../model/gallery.ts";
import { emptyWish, type Wish } from "../model/wish.ts";
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
  const leave = (why: string) => {
    session.forget();
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
          setKey(opened);
        }}
      />
    );
  }
  return <Room key={key} apiKey={key} onLeave={leave} />;
}

function Room({ apiKey, onLeave }: { apiKey: string; onLeave: (why: string) => void }) {
  const gallery = useMemo(() => new Gallery(apiClient(apiKey)), [apiKey]);
  const state = useGallery(gallery);
  const route = useRoute();
  const [wish, setWish] = useState(savedWish);

  useEffect(() => {
    void gallery.start();
    const back = () => gallery.nudge();
    const lost = () => gallery.lost();
    const seen = () => document.visibilityState === "visible" && gallery.nudge();
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
    if (state.isLockedOut) onLeave("This key is not known here any more. Enter one that is.");
  }, [state.isLockedOut]);
  useEffect(() => session.keepDraft(wish), [wish]);

  return (
    <>
      <Header state={state} onLeave={() => onLeave("")} />
      <main>
        <Composer gallery={gallery} state={state} wish={wish} onWish={setWish} />
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
function savedWish(): Wish {
  const saved = session.draft();
  if (typeof saved !== "object" || saved === null) return emptyWish;
  const known = Object.entries(saved).filter(
    ([field, value]) => field in emptyWish && typeof value === typeof emptyWish[field as keyof Wish],
  );
  return { ...emptyWish, ...(Object.fromEntries(known) as Partial<Wish>) };
}
