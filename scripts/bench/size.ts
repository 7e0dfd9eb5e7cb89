/** How often, and over how much, each figure is measured. */
export interface BenchSize {
  importTime: { rounds: number; warmUps: number };
  accept: { rounds: number; warmUps: number };
  overhead: { rounds: number; warmUps: number; latencyMs: number };
  fanOut: { images: number; latencyMs: number };
  history: { images: number };
  relay: { rounds: number; warmUps: number; watchers: number; latencyMs: number };
  dialects: { rounds: number; warmUps: number; streams: number; latencyMs: number };
  memory: { images: number; imageBytes: number };
  list: { rounds: number; warmUps: number; jobs: number };
  rendition: { rounds: number; warmUps: number };
}

export const defaultSize: BenchSize = {
  importTime: { rounds: 9, warmUps: 1 },
  accept: { rounds: 60, warmUps: 40 },
  overhead: { rounds: 8, warmUps: 2, latencyMs: 400 },
  fanOut: { images: 10, latencyMs: 3_000 },
  history: { images: 10 },
  relay: { rounds: 5, warmUps: 1, watchers: 200, latencyMs: 3_000 },
  dialects: { rounds: 60, warmUps: 5, streams: 6, latencyMs: 2_000 },
  memory: { images: 10, imageBytes: 4_000_000 },
  list: { rounds: 200, warmUps: 20, jobs: 10_000 },
  rendition: { rounds: 100, warmUps: 20 },
};

/** Every line of the table, as fast as it can be had: its figures say that the bench runs, and nothing of the machine. */
export const smallestSize: BenchSize = {
  importTime: { rounds: 1, warmUps: 0 },
  accept: { rounds: 1, warmUps: 0 },
  overhead: { rounds: 1, warmUps: 0, latencyMs: 1 },
  fanOut: { images: 2, latencyMs: 1 },
  history: { images: 1 },
  relay: { rounds: 1, warmUps: 0, watchers: 2, latencyMs: 300 },
  dialects: { rounds: 1, warmUps: 0, streams: 1, latencyMs: 300 },
  memory: { images: 2, imageBytes: 100_000 },
  list: { rounds: 1, warmUps: 0, jobs: 100 },
  rendition: { rounds: 1, warmUps: 0 },
};
