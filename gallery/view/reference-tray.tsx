import { picturesOf, type Reference, referenceTo } from "../browser/references.ts";
import { useDropZone } from "./drop-zone.ts";

interface Parts {
  references: readonly Reference[];
  most: number;
  error: string | undefined;
  canEdit: boolean;
  onAdd: (references: readonly Reference[]) => void;
  onReferences: (references: readonly Reference[]) => void;
}

/** Pictures to start from: chosen, dropped or pasted. */
export function ReferenceTray({ references, most, error, canEdit, onAdd, onReferences }: Parts) {
  const add = (files: Iterable<File>) => onAdd([...files].map((file) => referenceTo(file)));
  const { isOver, handlers } = useDropZone((data) => add(picturesOf(data)));
  if (!canEdit) return null;
  return (
    <div class={`tray ${isOver ? "over" : ""}`} role="group" aria-label="Reference pictures" {...handlers}>
      {references.map((reference, index) => (
        <span key={reference.url} class="reference">
          <img src={reference.url} alt={`Reference ${index + 1}: ${reference.file.name}`} />
          <button
            type="button"
            class="remove"
            aria-label={`Remove reference ${index + 1}`}
            onClick={() => onReferences(references.filter((one) => one !== reference))}
          >
            ×
          </button>
        </span>
      ))}
      {references.length < most && (
        <label class="add">
          <input
            type="file"
            class="unseen"
            multiple
            accept="image/*"
            aria-label="Add reference pictures"
            onChange={(event) => {
              add(event.currentTarget.files ?? []);
              event.currentTarget.value = "";
            }}
          />
          <span aria-hidden="true">+</span>
          <span class="hint">
            {references.length === 0 ? "Start from pictures: choose, drop or paste" : ""}
          </span>
        </label>
      )}
      {references.length > most && (
        <p class="problem">This model takes {most === 1 ? "one picture" : `${most} pictures`}.</p>
      )}
      {error && <p class="problem">{error}</p>}
    </div>
  );
}
