import { useEffect, useState } from "preact/hooks";
import type { Gallery } from "../model/gallery.ts";
import type { GalleryState } from "../model/gallery-state.ts";

export function useGallery(gallery: Gallery): GalleryState {
  const [state, setState] = useState(gallery.state);
  useEffect(() => {
    setState(gallery.state);
    return gallery.subscribe(() => setState(gallery.state));
  }, [gallery]);
  return state;
}

/** Now, told anew often enough for "3 min ago" to stay true. */
export function useNow(everyMs = 10_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
