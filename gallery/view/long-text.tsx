/** Somebody's words, read in their own direction. Those that scroll can be reached by keys, in every browser. */
export function LongText({ name, text }: { name: string; text: string }) {
  return (
    <p class={name} dir="auto" tabIndex={text.length > 300 ? 0 : undefined}>
      {text}
    </p>
  );
}
