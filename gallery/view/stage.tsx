import { useEffect, useRef, useState } from "preact/hooks";
import { meaningOf } from "../model/explain.ts";
import type { Slot } from "../model/slots.ts";

interface Parts {
  slot: Slot;
  alt: string;
  shape: number;
  onDead: () => void;
  /** Swiped: to the frame after (1) or before (-1). */
  onStep: (step: 1 | -1) => void;
}

const minSwipe = 48;

/** One frame as large as there is room for; a click shows its own pixels, around where it was clicked. */
export function Stage({ slot, alt, shape, onDead, onStep }: Parts) {
  const [at, setAt] = useState<{ x: number; y: number }>();
  const stage = useRef<HTMLDivElement>(null);
  const down = useRef<{ x: number; y: number }>(undefined);
  const retries = useRef(0);
  const key = slot.state === "made" ? slot.image.sha256 : slot.state;
  useEffect(() => {
    setAt(undefined);
    retries.current = 0;
  }, [key, slot.index]);
  useEffect(() => {
    const { current } = stage;
    if (!at || !current) return;
    current.scrollLeft = at.x * current.scrollWidth - current.clientWidth / 2;
    current.scrollTop = at.y * current.scrollHeight - current.clientHeight / 2;
  }, [at]);

  if (slot.state === "made") {
    const { image } = slot;
    return (
      <div
        ref={stage}
        class={`stage ${at ? "zoomed" : ""}`}
        style={{ "--shape": shape, "--width": `${image.width / devicePixelRatio}px` }}
        onPointerDown={({ clientX: x, clientY: y }) => (down.current = { x, y })}
        onPointerUp={({ pointerType, clientX, clientY }) => {
          const from = down.current;
          down.current = undefined;
          if (!from || at || pointerType === "mouse") return;
          const [dx, dy] = [clientX - from.x, clientY - from.y];
          if (Math.abs(dx) > minSwipe && Math.abs(dx) > 2 * Math.abs(dy)) onStep(dx < 0 ? 1 : -1);
        }}
      >
        <button
          type="button"
          class="zoom"
          aria-pressed={at !== undefined}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const isByKey = event.detail === 0;
            const point = {
              x: (event.clientX - box.left) / box.width,
              y: (event.clientY - box.top) / box.height,
            };
            setAt(at ? undefined : isByKey ? { x: 0.5, y: 0.5 } : point);
          }}
        >
          <img
            key={image.sha256}
            src={image.url}
            alt={alt}
            width={image.width}
            height={image.height}
            style={image.thumbnail_url ? { backgroundImage: `url("${image.thumbnail_url}")` } : {}}
            onError={() => {
              if (retries.current >= 2) return;
              retries.current += 1;
              onDead();
            }}
          />
          <span class="unseen">{at ? ". Fit to the space" : ". Show every pixel"}</span>
        </button>
      </div>
    );
  }
  return (
    <div class="stage" style={{ "--shape": shape }}>
      {slot.state === "developing" ? (
        <span class="frame developing" data-step={slot.step}>
          <img src={slot.url} alt={`${alt}, still developing`} />
        </span>
      ) : (
        <span class={`frame ${slot.state}`}>
          {slot.state === "refused" || slot.state === "failed" ? (
            <span class="frame-word">{meaningOf(slot.failure.code).split(". ")[0]}</span>
          ) : null}
        </span>
      )}
    </div>
  );
}
