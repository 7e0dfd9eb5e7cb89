import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { goHome } from "../browser/route.ts";
import { useGivenBackFocus } from "./dialog.tsx";

interface Parts {
  title: string;
  /** Beside the sheet, which stays usable; else over the whole window. */
  isBeside: boolean;
  hasNext: boolean;
  hasPrevious: boolean;
  onStep: (step: 1 | -1) => void;
  children: ComponentChildren;
}

/** What is opened from the sheet: beside it where there is room, over it elsewhere. */
export function Panel({ title, isBeside, hasNext, hasPrevious, onStep, children }: Parts) {
  const panel = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const [isFull, setFull] = useState(false);
  useGivenBackFocus();
  useEffect(() => {
    const shown = panel.current;
    if (isBeside) shown?.show();
    else shown?.showModal();
    heading.current?.focus({ preventScroll: true });
    return () => shown?.close();
  }, [isBeside]);
  return (
    <dialog
      ref={panel}
      class={`inspector ${isBeside ? "" : "modal"} ${isFull ? "full" : ""}`}
      aria-labelledby="inspector-title"
      onCancel={(event) => {
        // Escape leaves by the same way as the button: through the address.
        event.preventDefault();
        goHome();
      }}
    >
      <div class="panel-head">
        <h2 id="inspector-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button
          type="button"
          class="button quiet icon"
          aria-label="Previous picture"
          aria-disabled={!hasPrevious}
          onClick={() => onStep(-1)}
        >
          ‹
        </button>
        <button
          type="button"
          class="button quiet icon"
          aria-label="Next picture"
          aria-disabled={!hasNext}
          onClick={() => onStep(1)}
        >
          ›
        </button>
        {isBeside && (
          <button
            type="button"
            class="button quiet icon"
            aria-label="Fill the window"
            aria-pressed={isFull}
            onClick={() => setFull(!isFull)}
          >
            {isFull ? "⤡" : "⤢"}
          </button>
        )}
        <button type="button" class="button quiet icon close" aria-label="Close" onClick={goHome}>
          ×
        </button>
      </div>
      <div class="panel-body">{children}</div>
    </dialog>
  );
}
