import { examplePrompts } from "../model/labels.ts";

/** The sheet before there is anything on it: what this is, and three prompts to begin with. */
export function Examples({ onExample }: { onExample: (prompt: string) => void }) {
  return (
    <div class="first">
      <h2 id="jobs-title" tabIndex={-1}>
        Nothing developed yet
      </h2>
      <p>
        Write what you want to see. Each request becomes a job that goes on by itself, also when this page is
        closed. Or begin with one of these:
      </p>
      <ul class="examples">
        {examplePrompts.map(({ prompt, shape }, index) => (
          <li key={prompt}>
            <button type="button" class="example film" onClick={() => onExample(prompt)}>
              <span class="rebate" aria-hidden="true">
                <span>Try</span>
                <span>{index + 1}</span>
              </span>
              <span class={`example-frame ${shape}`}>{prompt}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
