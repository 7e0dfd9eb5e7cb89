/**
 * Calls back once when the process that started this one has ended. npm hands a signal to the shell it runs a script in,
 * and the shell ends without a word to the script.
 */
export function whenParentEnds(ended: () => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    ended();
  }, 250);
  looking.unref();
}
