/** Bytes of memory that may be in use at once, counted by those who take them. */
export interface MemoryBudget {
  readonly max: number;
  readonly used: number;
  /** The most that was ever in use at once. */
  readonly peak: number;
  /** Takes the bytes if there is room for them; never waits. */
  tryTake(bytes: number): boolean;
  /** Waits for room, in order of asking. More than `max` is given alone: to wait for room would be to wait for ever. */
  take(bytes: number): Promise<void>;
  /** Takes the bytes whether there is room or not. */
  overdraw(bytes: number): void;
  give(bytes: number): void;
}

export function memoryBudget(max: number): MemoryBudget {
  const waiting: { bytes: number; admit: () => void }[] = [];
  let used = 0;
  let peak = 0;
  const fits = (bytes: number) => used + bytes <= max || used === 0;
  const overdraw = (bytes: number) => {
    used += bytes;
    peak = Math.max(peak, used);
  };
  return {
    max,
    get used() {
      return used;
    },
    get peak() {
      return peak;
    },
    tryTake(bytes) {
      if (used + bytes > max) return false;
      overdraw(bytes);
      return true;
    },
    async take(bytes) {
      if (waiting.length === 0 && fits(bytes)) overdraw(bytes);
      else await new Promise<void>((admit) => waiting.push({ bytes, admit }));
    },
    overdraw,
    give(bytes) {
      used -= bytes;
      for (let next = waiting[0]; next && fits(next.bytes); next = waiting[0]) {
        waiting.shift();
        overdraw(next.bytes);
        next.admit();
      }
    },
  };
}
