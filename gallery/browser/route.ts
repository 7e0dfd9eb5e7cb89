import { useEffect, useState } from "preact/hooks";

/** Where the page is, in the address after `#`: it survives a reload, and "back" closes what is open. */
export type Route =
  | { view: "sheet" }
  | { view: "job"; id: string }
  | { view: "edit"; id?: string; index?: number };

export const addressOf = {
  job: (id: string) => `#${id}`,
  edit: (id?: string, index = 0) => (id === undefined ? "#edit" : `#edit/${id}/${index}`),
};

export function readRoute(hash: string): Route {
  const edit = /^#edit(?:\/(job_[a-z0-9]+)\/(\d+))?$/.exec(hash);
  if (edit)
    return edit[1] === undefined ? { view: "edit" } : { view: "edit", id: edit[1], index: Number(edit[2]) };
  const job = /^#(job_[a-z0-9]+)$/.exec(hash);
  return job?.[1] === undefined ? { view: "sheet" } : { view: "job", id: job[1] };
}

export function go(hash: string): void {
  location.hash = hash;
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
