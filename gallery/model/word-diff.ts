export interface Piece {
  text: string;
  /** Not among the words before. */
  isNew: boolean;
}

// The table of a longest common subsequence grows with the product of both lengths.
const maxWords = 1_200;

/** The words after, with those marked that are not the words before, in their order (longest common subsequence). */
export function wordDiff(before: string, after: string): Piece[] {
  const [old, words] = [before.split(/\s+/).filter(Boolean), after.split(/(?<=\s)/)];
  if (old.length > maxWords || words.length > maxWords) return [{ text: after, isNew: false }];
  const plain = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const [olds, news] = [old.map(plain), words.map(plain)];
  const shared = Array.from({ length: olds.length + 1 }, () => new Uint16Array(news.length + 1));
  const at = (i: number, j: number) => shared[i]?.[j] ?? 0;
  for (let i = olds.length - 1; i >= 0; i -= 1) {
    const row = shared[i];
    for (let j = news.length - 1; row && j >= 0; j -= 1)
      row[j] = olds[i] === news[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pieces: Piece[] = [];
  let i = 0;
  for (const [j, text] of words.entries()) {
    while (i < olds.length && olds[i] !== news[j] && at(i + 1, j) >= at(i, j + 1)) i += 1;
    const isNew = olds[i] !== news[j];
    if (!isNew) i += 1;
    const last = pieces.at(-1);
    if (last?.isNew === isNew) last.text += text;
    else pieces.push({ text, isNew });
  }
  return pieces;
}
