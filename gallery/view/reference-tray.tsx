import type { Reference } from "../browser/references.ts";
import type { GivenFiles } from "./given-files.ts";

interface Parts {
  references: readonly Reference[];
  most: number;
  error: string | undefined;
  given: GivenFiles;
  canEdit: boolean;
  onReferences: (references: readonly Reference[]) => void;
}

/** Pictures to start from: chosen, dropped or pasted. */
export function ReferenceTray(parts: Parts) {
  const { references, most, error, given, canEdit, onReferences } = parts;
  if (!canEdit) return null;
  return (
    <div class={`tray ${given.isOver ? "over" : ""}`} role="group" aria-label="Reference pictures">
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
              given.take([...(event.currentTarget.files ?? [])]);
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
      <p class="problem" role="alert">
        {given.problem}
      </p>
    </div>
  );
}
