import { isEnded, type Job, type JobImage, type JobNews } from "../api/types.ts";

/** A job as the page shows it: what the server said last, and what of it is still developing. */
export interface LiveJob {
  job: Job;
  /** The finest partial image of each slot that has no end yet. */
  partials: Readonly<Record<number, { step: number; url: string }>>;
}

export const fresh = (job: Job): LiveJob => ({ job, partials: {} });

/** A job read whole. What was seen of its partial images stays until their slots end. */
export function withSnapshot(live: LiveJob | undefined, read: Job, now = Date.now()): LiveJob {
  if (!live) return fresh(read);
  const job = { ...read, images: read.images.map((image) => withKnownLinks(live.job, image, now)) };
  // An answer that was under way when the end was told is older than what is known.
  if (isEnded(live.job) && !isEnded(job)) return live;
  return { job, partials: isEnded(job) ? {} : without(live.partials, settledSlots(job)) };
}

/** One event more. Events may be told again after a broken connection: telling twice changes nothing. */
export function withNews(live: LiveJob, news: JobNews): LiveJob {
  const { job, partials } = live;
  if (isEnded(job)) return live;
  switch (news.type) {
    case "job.queued":
      return live;
    case "job.running":
      return { job: { ...job, status: "running" }, partials };
    case "job.waiting":
      return { job: { ...job, waiting: news.waiting }, partials };
    case "image.partial": {
      const known = partials[news.index];
      const isSettled = settledSlots(job).includes(news.index);
      if (isSettled || news.url === undefined || (known && known.step >= news.partial_index)) return live;
      return { job, partials: { ...partials, [news.index]: { step: news.partial_index, url: news.url } } };
    }
    case "image.succeeded":
      return settle(live, { ...job, images: placed(job.images, news.image) }, news.index);
    case "image.refused":
    case "image.failed":
      return settle(live, { ...job, failures: placed(job.failures, news.failure) }, news.index);
    default:
      return fresh(news.job);
  }
}

/** Each answer brings new links to the same images; a known one that still holds spares loading the image again. */
function withKnownLinks({ images }: Job, image: JobImage, now: number): JobImage {
  const known = images.find(({ index }) => index === image.index);
  if (known?.sha256 !== image.sha256 || Date.parse(known.url_expires_at) < now + 60_000) return image;
  return {
    ...image,
    ...known,
    ...(image.thumbnail_url && { thumbnail_url: known.thumbnail_url ?? image.thumbnail_url }),
  };
}

function settle({ partials }: LiveJob, job: Job, index: number): LiveJob {
  const progress = Math.min(1, settledSlots(job).length / wanted(job));
  const { waiting: _, ...begun } = job;
  return {
    job: { ...begun, status: "running", progress: Math.max(job.progress, progress) },
    partials: without(partials, [index]),
  };
}

export function wanted({ request }: Job): number {
  return typeof request["n"] === "number" ? request["n"] : 1;
}

function settledSlots({ images, failures }: Job): number[] {
  return [...images, ...failures].map(({ index }) => index);
}

function placed<T extends { index: number }>(list: readonly T[], item: T): T[] {
  return [...list.filter(({ index }) => index !== item.index), item].sort((a, b) => a.index - b.index);
}

function without(partials: LiveJob["partials"], indices: readonly number[]): LiveJob["partials"] {
  return Object.fromEntries(Object.entries(partials).filter(([index]) => !indices.includes(Number(index))));
}
