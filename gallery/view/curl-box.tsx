import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/** The request as a command, to take along. */
export function CurlBox({ command, children }: { command: string; children?: ComponentChildren }) {
  return (
    <details class="more curl">
      <summary>As a command</summary>
      <pre tabIndex={0} aria-label="Command">
        <code>{command}</code>
      </pre>
      <div class="actions">
        <CopyButton text={command} label="Copy command" />
        {children}
      </div>
    </details>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
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
    <button type="button" class="button small" onClick={() => void copy()}>
      <span aria-live="polite">{state || label}</span>
    </button>
  );
}
