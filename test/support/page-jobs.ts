import type { Job, JobImage, Model } from "../../gallery/api/types.ts";

/** Jobs and models as the page gets them. */

export function aPageJob(change: Partial<Job> = {}): Job {
  return {
    id: "job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k",
    kind: "generation",
    status: "running",
    model: "dall-e-3",
    deployment: "dalle3",
    created_at: "2026-03-04T05:06:07.000Z",
    progress: 0,
    request: { prompt: "a cat", n: 2, size: "1024x1024" },
    images: [],
    failures: [],
    links: {
      self: "https://darkroom.example/api/jobs/x",
      result: "https://darkroom.example/api/jobs/x/result",
      events: "https://darkroom.example/api/jobs/x/events",
      cancel: "https://darkroom.example/api/jobs/x/cancel",
    },
    ...change,
  };
}

export const aPageImage = (index: number): JobImage => ({
  index,
  url: `https://pictures.example/${index}.png`,
  url_expires_at: "2026-03-05T05:06:07.000Z",
  content_url: `/api/jobs/x/images/${index}`,
  content_type: "image/png",
  width: 1024,
  height: 1024,
  bytes: 34,
  sha256: "ab".repeat(32),
});

export function aPageModel(change: Partial<Model> = {}): Model {
  return {
    model: "dall-e-3",
    deployments: ["dalle3"],
    protocol: "one-per-call",
    prompt_limit: 4_000,
    max_images: 10,
    sizes: ["1024x1024", "1792x1024"],
    edits: false,
    streaming: false,
    defaults: { size: "1024x1024" },
    ...change,
  };
}
