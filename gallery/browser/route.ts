import { useEffect, useState } from "preact/hooks";
import type { FrameRef } from "../model/sheet.ts";

/** Where the page is, in the address after `#`: it survives a reload, and "back" closes what is open. */
export type Route =
  | { view: "sheet" }
  | ({ view: "job" } & FrameRef)
  | { view: "edit"; source?: FrameRef }
  | { view: "compare"; left: FrameRef; right: FrameRef };

export const addressOf = {
  job: (id: string, index = 0) => (index === 0 ? `#${id}` : `#${id}/${index}`),
  edit: (id?: string, index = 0) => (id === undefined ? "#edit" : `#edit/${id}/${index}`),
  compare: (left: FrameRef, right: FrameRef) =>
    `#compare/${left.id}/${left.index}/${right.id}/${right.index}`,
};

const frame = String.raw`(job_[a-z0-9]+)\/(\d{1,3})`;
const compared = new RegExp(`^#compare/${frame}/${frame}$`);
const edited = new RegExp(`^#edit(?:/${frame})?$`);
const opened = /^#(job_[a-z0-9]+)(?:\/(\d{1,3}))?$/;

export function readRoute(hash: string): Route {
  const [, left, leftIndex, right, rightIndex] = compared.exec(hash) ?? [];
  if (left !== undefined && right !== undefined)
    return {
      view: "compare",
      left: { id: left, index: Number(leftIndex) },
      right: { id: right, index: Number(rightIndex) },
    };
  const edit = edited.exec(hash);
  if (edit)
    return edit[1] === undefined
      ? { view: "edit" }
      : { view: "edit", source: { id: edit[1], index: Number(edit[2]) } };
  const [, id, index = "0"] = opened.exec(hash) ?? [];
  return id === undefined ? { view: "sheet" } : { view: "job", id, index: Number(index) };
}

/** `replace`: from one picture to the next is no step that "back" should take again. */
export function go(hash: string, { replace = false } = {}): void {
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(undefined, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function goHome(): void {
  if (location.hash === "") return;
  history.pushState(undefined, "", location.pathname);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const changed = () => setRoute(readRoute(location.hash));
    addEventListener("hashchange", changed);
    addEventListener("popstate", changed);
    return () => {
      removeEventListener("hashchange", changed);
      removeEventListener("popstate", changed);
    };
  }, []);
  return route;
}
