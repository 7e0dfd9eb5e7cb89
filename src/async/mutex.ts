let last: Promise<unknown> = Promise.resolve();

/**
 * Runs tasks that hold a whole picture, one at a time in the whole process. The image processor takes turns as well, but anyone who
 * comes to it has read the picture by then: eight that wait there with 40 MB each wait with 320 MB.
 */
export function runExclusive<T>(task: () => Promise<T>): Promise<T> {
  const result = last.then(task);
  last = result.then(
    () => undefined,
    () => undefined,
  );
  return result;
}
