/** Names one image of a job. */
export function imageIdOf(jobId: string, index: number): string {
  return `${jobId}.${index}`;
}

/** The parts of an image's id, or undefined when the text is none. Whether there is such an image is another question. */
export function partsOfImageId(imageId: string): { jobId: string; index: number } | undefined {
  const match = /^(\w+)\.(0|[1-9]\d{0,2})$/.exec(imageId);
  return match ? { jobId: match[1] ?? "", index: Number(match[2]) } : undefined;
}
