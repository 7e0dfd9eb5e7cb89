import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/client.ts";
import { errorsByField } from "../model/explain.ts";

export interface Sending {
  isSending: boolean;
  /** What is asked for now was sent already; another click would be a second job. */
  isSent: boolean;
  /** What the server has against a field, by the field's name. */
  errors: Record<string, string>;
  /** What it has against none of them. */
  problem: string;
  /** Sends unless the same was sent before; `again` sends it all the same. */
  send: (work: () => Promise<void>, again?: boolean) => Promise<void>;
}

/**
 * One submission at a time, and what became of it, field by field. `request` stands for what is asked: while it is the
 * same, one click is one job, however often a button is hit.
 */
export function useSending(fields: readonly string[], request: string): Sending {
  const [isSending, setSending] = useState(false);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState("");
  const [sent, setSent] = useState<string>();
  // Known at once, where a state would be known by the next rendering only: clicks can come faster.
  const latest = useRef<string>(undefined);
  const isBusy = useRef(false);

  // What was wrong is said until it is mended.
  useEffect(() => {
    setErrors({});
    setProblem("");
  }, [request]);

  return {
    isSending,
    isSent: sent === request,
    errors,
    problem,
    async send(work, again = false) {
      if (isBusy.current || (latest.current === request && !again)) return;
      isBusy.current = true;
      latest.current = request;
      setSending(true);
      setErrors({});
      setProblem("");
      try {
        await work();
        setSent(request);
      } catch (error) {
        latest.current = undefined;
        const named = error instanceof ApiError ? errorsByField(error.body, fields) : undefined;
        setErrors(named?.fields ?? {});
        setProblem(named ? named.rest : error instanceof Error ? error.message : "It did not work.");
      } finally {
        isBusy.current = false;
        setSending(false);
      }
    },
  };
}

/** After a refusal, no matter who sends is taken to the first field that it is about. */
export function useFocusOnErrors(
  form: RefObject<HTMLFormElement | null>,
  errors: Record<string, string>,
): void {
  useEffect(() => {
    if (Object.keys(errors).length > 0)
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);
}
