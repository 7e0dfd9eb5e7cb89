import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { goHome } from "../browser/route.ts";

// What had focus before the first of a row of dialogs; none of a dialog's own parts outlives it.
let opener: Element | null = null;

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
  useEffect(() => {
    const shown = dialog.current;
    const active = document.activeElement;
    if (active && active !== document.body && !active.closest("dialog")) opener = active;
    shown?.showModal();
    heading.current?.focus();
    return () => {
      shown?.close();
      // After the next dialog has opened, if one follows.
      setTimeout(() => {
        if (document.querySelector("dialog[open]")) return;
        const back = opener?.isConnected ? opener : document.getElementById("jobs-title");
        if (back instanceof HTMLElement) back.focus();
        opener = null;
      });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={name}
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
          <button type="button" class="button quiet" onClick={goHome}>
            Close
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
