import { useEffect, useRef, useState } from "preact/hooks";

/** Deleting asks once; who changes their mind is where they were. */
export function Remover({ count, onRemove }: { count: number; onRemove: () => Promise<void> }) {
  const [asks, setAsks] = useState(false);
  const sure = useRef<HTMLButtonElement>(null);
  const remover = useRef<HTMLButtonElement>(null);
  useEffect(() => sure.current?.focus(), [asks]);
  const keep = () => {
    setAsks(false);
    setTimeout(() => remover.current?.focus());
  };
  if (!asks) {
    return (
      <button type="button" class="button" ref={remover} onClick={() => setAsks(true)}>
        Delete
      </button>
    );
  }
  return (
    <span class="confirm" role="group" aria-label="Delete this job?">
      <span>
        Delete the job{count === 0 ? "" : count === 1 ? " with its image" : ` with all ${count} images`}?
      </span>
      <button type="button" class="button danger" ref={sure} onClick={() => void onRemove()}>
        Delete for good
      </button>
      <button type="button" class="button" onClick={keep}>
        Keep
      </button>
    </span>
  );
}
