import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";

/** Building blocks of forms. Each shows, below itself, what the server has against its value. */

interface FieldParts {
  label: string;
  error?: string | undefined;
}

export function Problem({ id, text }: { id: string; text: string | undefined }) {
  return text ? (
    <p class="problem" id={id}>
      {text}
    </p>
  ) : null;
}

interface SegmentsParts extends FieldParts {
  name: string;
  value: string;
  choices: readonly string[];
  onChange: (value: string) => void;
  icon?: (choice: string) => ComponentChildren;
  format?: (choice: string) => string;
  /** The label is said, not shown. */
  isUnlabeled?: boolean;
}

/** One of a few, all in sight. */
export function Segments(parts: SegmentsParts) {
  const { label, name, value, choices, error, onChange, icon, format, isUnlabeled } = parts;
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={error && id}>
      <legend class={isUnlabeled ? "unseen" : ""}>{label}</legend>
      <div class="segments">
        {choices.map((choice) => (
          <label key={choice} class="segment">
            <input
              type="radio"
              name={name}
              value={choice}
              checked={choice === value}
              onChange={() => onChange(choice)}
            />
            <span>
              {icon?.(choice)}
              {format ? format(choice) : choice}
            </span>
          </label>
        ))}
      </div>
      <Problem id={id} text={error} />
    </fieldset>
  );
}

interface TextParts extends FieldParts {
  name: string;
  value: string;
  hint?: string;
  inputMode?: "numeric" | "text";
  onChange: (value: string) => void;
}

export function TextField({ label, name, value, error, hint, inputMode = "text", onChange }: TextParts) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        type="text"
        inputMode={inputMode}
        value={value}
        autocomplete="off"
        aria-invalid={Boolean(error)}
        aria-describedby={`${id}-hint ${id}-problem`}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <Problem id={`${id}-problem`} text={error} />
    </div>
  );
}

export function Check(parts: {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}) {
  const id = useId();
  return (
    <div class="field check">
      <input
        id={id}
        type="checkbox"
        checked={parts.checked}
        aria-describedby={`${id}-hint`}
        onChange={(event) => parts.onChange(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{parts.label}</label>
        {parts.hint && (
          <p class="hint" id={`${id}-hint`}>
            {parts.hint}
          </p>
        )}
      </div>
    </div>
  );
}

interface CountParts extends FieldParts {
  value: number;
  most: number;
  onChange: (value: number) => void;
}

export function Count({ label, value, most, error, onChange }: CountParts) {
  const id = useId();
  // What is being typed stays as it is, empty or too large; what it comes to is shown when the field is left.
  const [typed, setTyped] = useState<string>();
  const set = (next: number) => onChange(Math.min(Math.max(1, Math.round(next) || 1), most));
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="count">
        <button type="button" aria-label="One less" aria-disabled={value <= 1} onClick={() => set(value - 1)}>
          −
        </button>
        <input
          id={id}
          name="n"
          type="number"
          min={1}
          max={most}
          value={typed ?? value}
          aria-invalid={Boolean(error)}
          aria-describedby={`${id}-problem`}
          onInput={(event) => {
            const { value: text, valueAsNumber } = event.currentTarget;
            setTyped(text);
            if (text !== "") set(valueAsNumber);
          }}
          onBlur={() => setTyped(undefined)}
        />
        <button
          type="button"
          aria-label="One more"
          aria-disabled={value >= most}
          onClick={() => set(value + 1)}
        >
          +
        </button>
      </div>
      <Problem id={`${id}-problem`} text={error} />
    </div>
  );
}

/** The shape of a size, as a small drawn frame. */
export function SizeIcon({ size }: { size: string }) {
  const [width = 0, height = 0] = size.split("x").map(Number);
  if (!width || !height) return null;
  const scale = 18 / Math.max(width, height);
  const [w, h] = [width * scale, height * scale];
  return (
    <svg class="size-icon" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect x={10 - w / 2} y={10 - h / 2} width={w} height={h} rx="1" />
    </svg>
  );
}
