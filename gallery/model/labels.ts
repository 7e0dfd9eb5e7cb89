import type { Choice } from "./image-form.ts";

/** Plain words for the values that the API takes; the value itself stands in the snippets. */

const words: Partial<Record<Choice, Readonly<Record<string, string>>>> = {
  quality: { hd: "HD" },
  output_format: { png: "PNG", jpeg: "JPEG", webp: "WebP" },
  moderation: { auto: "Usual", low: "Less strict" },
  input_fidelity: { low: "Loosely", high: "Closely" },
};

export function choiceLabel(field: Choice, value: string): string {
  return words[field]?.[value] ?? value.charAt(0).toUpperCase() + value.slice(1);
}

/** "Landscape 3:2"; with its width where two sizes have one shape, and as it is where it is no size. */
export function sizeLabel(size: string, among: readonly string[] = [size]): string {
  const ratio = ratioOf(size);
  if (!ratio) return size === "auto" ? "Auto" : size;
  const [across, down] = ratio;
  const shape = across === down ? "Square" : `${across > down ? "Landscape" : "Portrait"} ${across}:${down}`;
  const isShared = among.some((other) => other !== size && ratioOf(other)?.join() === ratio.join());
  return isShared ? `${shape} ${size.split("x")[0] ?? ""}` : shape;
}

function ratioOf(size: string): [number, number] | undefined {
  const [width = 0, height = 0] = size.split("x").map(Number);
  if (!(width > 0 && height > 0)) return undefined;
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const shared = divisor(width, height);
  return [width / shared, height / shared];
}

/** What a model is good for, in one line, by how its name begins; the longest beginning counts. */
const purposes: Readonly<Record<string, string>> = {
  "gpt-image": "Follows long instructions, letters well, edits pictures.",
  "gpt-image-1-mini": "The quick and cheap one for drafts; edits pictures too.",
  "gpt-image-2": "The most faithful one: free sizes, fine detail, edits.",
  "dall-e-3": "Rewrites your prompt into a scene of its own.",
  "dall-e-2": "Small, quick pictures from short prompts.",
};

export function purposeOf(model: string): string | undefined {
  const [name] = Object.keys(purposes)
    .filter((start) => model.startsWith(start))
    .sort((a, b) => b.length - a.length);
  return name === undefined ? undefined : purposes[name];
}

/** Prompts to begin with, for someone who has none yet. */
export const examplePrompts = [
  { prompt: "A lighthouse keeper's kitchen in late light, steam over a blue enamel pot", shape: "Landscape" },
  {
    prompt: "Field guide page: six imaginary moths, ink and watercolor, hand-lettered names",
    shape: "Portrait",
  },
  { prompt: "A paper boat on a puddle that mirrors neon signs, shallow depth of field", shape: "Square" },
] as const;
