/** Handles all that comes, so many at once; the next ones when all of those are done. */
export async function inBatches<T>(
  items: AsyncIterable<T> | Iterable<T>,
  size: number,
  handle: (item: T) => Promise<void>,
): Promise<void> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    await Promise.all(batch.map(handle));
    batch = [];
  }
  await Promise.all(batch.map(handle));
}
