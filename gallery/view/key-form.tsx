import { useEffect, useRef, useState } from "preact/hooks";
import { apiClient, ApiError } from "../api/client.ts";

/** The sign-in. The key is tried before it is believed. */
export function KeyForm({ reason, onOpen }: { reason: string; onOpen: (key: string) => void }) {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState(reason);
  const [isTrying, setTrying] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  const open = async () => {
    if (isTrying) return;
    const trimmed = key.trim();
    if (trimmed === "") {
      refuse("Enter your key.");
      return;
    }
    setTrying(true);
    try {
      await apiClient(trimmed).models();
      onOpen(trimmed);
    } catch (error) {
      refuse(wordsFor(error));
    }
  };
  const refuse = (words: string) => {
    setTrying(false);
    setProblem(words);
    input.current?.select();
  };

  return (
    <main class="sign-in">
      <form
        class="sign-in-form"
        onSubmit={(event) => {
          event.preventDefault();
          void open();
        }}
      >
        <h1 class="wordmark">
          <span class="lamp lit" aria-hidden="true" />
          Darkroom
        </h1>
        <p>Pictures from words, as jobs that last.</p>
        <label for="key">Your key</label>
        <input
          id="key"
          ref={input}
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={key}
          aria-invalid={problem !== ""}
          aria-describedby="key-problem key-hint"
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        <p id="key-problem" class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="button main" aria-disabled={isTrying}>
          {isTrying ? "Trying…" : "Open"}
        </button>
        <p id="key-hint" class="hint">
          On your own machine, <code>npm start</code> has printed it. It stays in this tab and is forgotten
          with it.
        </p>
      </form>
    </main>
  );
}

function wordsFor(error: unknown): string {
  if (error instanceof ApiError && error.status === 401)
    return "This key is not known here. Check it and try again.";
  if (error instanceof TypeError) return "A key has none of these characters. Copy it again.";
  return error instanceof Error ? `${error.message} Try again.` : "It did not work. Try again.";
}
