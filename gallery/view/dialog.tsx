import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { goHome } from "../browser/route.ts";

// What had focus before the first of a row of dialogs; none of a dialog's own parts outlives it.
let opener: Element | null = null;

/** Gives focus back to where it was, once nothing is open any more. */
export function useGivenBackFocus(): void {
  useEffect(() => {
    const active = document.activeElement;
    if (active && active !== document.body && !active.closest("dialog")) opener = active;
    return () => {
      // After the next dialog has opened, if one follows.
      setTimeout(() => {
        const { activeElement } = document;
        // Somebody went on elsewhere meanwhile: beside a panel, the page stays usable.
        const isTaken = activeElement !== null && activeElement !== document.body;
        if (document.querySelector("dialog[open]") || isTaken) return;
        const back = opener?.isConnected ? opener : document.getElementById("jobs-title");
        if (back instanceof HTMLElement) back.focus();
        opener = null;
      });
    };
  }, []);
}

/** A native dialog: it traps focus, closes on Escape and gives focus back to where it was. */
export function Dialog({
  title,
  name,
  children,
}: {
  title: string;
  name: string;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useGivenBackFocus();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    heading.current?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`modal ${name}`}
      aria-labelledby={`${name}-title`}
      onCancel={(event) => {
        // Escape leaves by the same way as the button: through the address.
        event.preventDefault();
        goHome();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) goHome();
      }}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={`${name}-title`} ref={heading} tabIndex={-1}>
            {title}
          </h2>
          <button type="button" class="button quiet icon" aria-label="Close" onClick={goHome}>
            ×
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
