import { useEffect, useRef } from "preact/hooks";
import { useDroppedFiles } from "./dropped-files.ts";

interface Parts {
  types: readonly string[];
  isLoading: boolean;
  /** It stands where the picture stood that had the focus. */
  takesFocus: boolean;
  onFile: (file: File) => void;
}

/** A picture of one's own: chosen, or dropped. */
export function PictureChooser({ types, isLoading, takesFocus, onFile }: Parts) {
  const take = ([file]: Iterable<File>) => {
    if (file) onFile(file);
  };
  const isOver = useDroppedFiles(take);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takesFocus) input.current?.focus();
  }, []);
  if (isLoading) return <div class="chooser">Loading the picture…</div>;
  return (
    <label class={`chooser ${isOver ? "over" : ""}`}>
      <input
        ref={input}
        type="file"
        name="image"
        class="unseen"
        accept={types.join(",")}
        onChange={(event) => take(event.currentTarget.files ?? [])}
      />
      <span class="chooser-word">Choose a picture</span>
      <span class="hint">
        or drop it here: {types.map((type) => type.replace("image/", "").toUpperCase()).join(", ")}
      </span>
    </label>
  );
}
