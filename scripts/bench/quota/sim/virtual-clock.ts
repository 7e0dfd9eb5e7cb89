/** What a process waits for: a time, in milliseconds, or a gate that another process opens. */
export type Wait = number | Gate;
export type Process<T = void> = Generator<Wait, T, undefined>;

/** Lets processes through, in the order in which they came, once it is open. */
export interface Gate {
  enter(resume: () => void): void;
}

/** A crash drops the processes of its owner where they stand. */
export interface Owner {
  isAlive: boolean;
}

interface Event {
  at: number;
  order: number;
  run: () => void;
}

/** Time that passes as fast as its events are played. Events of one moment keep their order. */
export class VirtualClock {
  now = 0;
  #heap: Event[] = [];
  #order = 0;

  at(time: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at: Math.max(time, this.now), order: (this.#order += 1), run });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapUnlessSorted(parent, child)) break;
      child = parent;
    }
  }

  spawn(process: Process, owner: Owner): void {
    const step = () => {
      if (!owner.isAlive) return;
      const { done, value } = process.next();
      if (done) return;
      if (typeof value === "number") this.at(value, step);
      else value.enter(step);
    };
    step();
  }

  /** Plays on until nothing is left to happen, or until then. */
  run(until = Infinity): void {
    for (let event = this.#heap[0]; event && event.at <= until; event = this.#heap[0]) {
      this.#removeFirst();
      this.now = event.at;
      event.run();
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    heap[0] = last;
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      if (left >= heap.length) return;
      const child = left + 1 < heap.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#swapUnlessSorted(parent, child)) return;
      parent = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (!one || !other) return false;
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  #swapUnlessSorted(parent: number, child: number): boolean {
    if (!this.#isBefore(child, parent)) return false;
    const [one, other] = [this.#heap[parent], this.#heap[child]];
    if (one && other) [this.#heap[parent], this.#heap[child]] = [other, one];
    return true;
  }
}

/** One at a time. Anyone who got in says when it leaves. */
export class Mutex implements Gate {
  #isTaken = false;
  #waiting: (() => void)[] = [];

  enter(resume: () => void): void {
    if (this.#isTaken) {
      this.#waiting.push(resume);
      return;
    }
    this.#isTaken = true;
    resume();
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}

/** Opens once, and stays open. */
export class Signal implements Gate {
  #isOpen = false;
  #waiting: (() => void)[] = [];

  enter(resume: () => void): void {
    if (this.#isOpen) resume();
    else this.#waiting.push(resume);
  }

  open(): void {
    this.#isOpen = true;
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
