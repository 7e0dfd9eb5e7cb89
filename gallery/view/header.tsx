import type { GalleryState } from "../model/gallery-state.ts";
import { isEnded } from "../api/types.ts";
import { addressOf } from "../browser/route.ts";

/** Name, safelight and the way out. The lamp burns while something develops. */
export function Header({ state, onSignOut }: { state: GalleryState; onSignOut: () => void }) {
  const developing = state.jobs.filter(({ job }) => !isEnded(job)).length;
  return (
    <header class="head">
      <h1 class="wordmark">
        <span class={`lamp ${developing > 0 ? "lit" : ""}`} aria-hidden="true" />
        Darkroom
      </h1>
      <p class={`network ${state.isAway ? "away" : ""}`}>
        {state.isAway
          ? "No connection. It resumes by itself."
          : developing > 0
            ? `${developing} developing`
            : ""}
      </p>
      <nav class="ways" aria-label="Page">
        <a class="button quiet" href={addressOf.edit()}>
          Edit a picture
        </a>
        <button type="button" class="button quiet" onClick={onSignOut}>
          Forget key
        </button>
      </nav>
    </header>
  );
}
