import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api/client.ts";
import { errorsByField } from "../model/explain.ts";

export interface Sending {
  isSending: boolean;
  /** What the server has against a field, by the field's name. */
  errors: Record<string, string>;
  /** What it has against none of them. */
  problem: string;
  send: (work: () => Promise<void>) => Promise<void>;
}

/** One submission at a time, and what became of it, field by field. */
export function useSending(fields: readonly string[]): Sending {
  const [isSending, setSending] = useState(false);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState("");

  return {
    isSending,
    errors,
    problem,
    async send(work) {
      if (isSending) return;
      setSending(true);
      setErrors({});
      setProblem("");
      try {
        await work();
      } catch (error) {
        const named = error instanceof ApiError ? errorsByField(error.body, fields) : undefined;
        setErrors(named?.fields ?? {});
        setProblem(named ? named.rest : error instanceof Error ? error.message : "It did not work.");
      } finally {
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
