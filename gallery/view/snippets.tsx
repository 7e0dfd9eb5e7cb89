import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Snippet } from "../model/snippets.ts";
import { Segments } from "./fields.tsx";

/** The request as a command or a few lines, to take along. */
export function Snippets({
  snippets,
  children,
}: {
  snippets: readonly Snippet[];
  children?: ComponentChildren;
}) {
  const id = useId();
  const [name, setName] = useState<string>("curl");
  const shown = snippets.find((snippet) => snippet.name === name) ?? snippets[0];
  if (!shown) return null;
  return (
    <details class="more curl">
      <summary>As a command</summary>
      <Segments
        label="Language"
        name={`${id}-language`}
        isUnlabeled
        choices={snippets.map((snippet) => snippet.name)}
        value={shown.name}
        onChange={setName}
      />
      <pre tabIndex={0} aria-label={`Command, ${shown.name}`}>
        <code>{shown.text}</code>
      </pre>
      <div class="actions">
        <CopyButton text={shown.text} label="Copy command" />
        {children}
      </div>
    </details>
  );
}

export function CopyButton({ text, label, name }: { text: string; label: string; name?: string }) {
  const [state, setState] = useState<"" | "Copied" | "Could not copy">("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("Copied");
    } catch {
      setState("Could not copy");
    }
    setTimeout(() => setState(""), 2_000);
  };
  return (
    <button type="button" class={`button small ${name ?? ""}`} onClick={() => void copy()}>
      <span aria-live="polite">{state || label}</span>
    </button>
  );
}
