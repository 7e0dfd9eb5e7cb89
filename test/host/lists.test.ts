import { expect, it } from "vitest";
import type { Job, JobList } from "../../src/contracts/http-api.ts";
import { useSharedDarkroom } from "../support/darkroom.ts";

const darkroom = useSharedDarkroom();

async function list(query: string): Promise<JobList> {
  const reply = await darkroom.fetch(`/api/jobs${query}`);
  expect(reply.status).toBe(200);
  return (await reply.json()) as JobList;
}

const idsOf = ({ jobs }: JobList) => jobs.map(({ id }) => id);
const remove = async ({ id }: Job) => (await darkroom.fetch(`/api/jobs/${id}`, { method: "DELETE" })).status;

it("jobs are found again, page by page and by what they are, and are gone once deleted", async () => {
  const tag = darkroom.unused("lists");
  const refused = await darkroom.run({ model: "dall-e-3", prompt: "a quarrel [[refuse]]", tags: [tag] });
  const made = await darkroom.run({ model: "dall-e-3", prompt: "a lighthouse", tags: [tag] });
  const slow = "a slow lamp [[latency=20000]]";
  const running = await darkroom.accept({ model: "dall-e-3", prompt: slow, tags: [tag] });

  const first = await list(`?tag=${tag}&limit=2`);
  expect(idsOf(first)).toEqual([running.id, made.id]);
  expect(idsOf(await list(`?tag=${tag}&limit=2&cursor=${first.next_cursor ?? ""}`))).toEqual([refused.id]);
  expect(idsOf(await list(`?tag=${tag}&status=failed&model=dall-e-3`))).toEqual([refused.id]);
  const image = first.jobs[1]?.images[0];
  expect((await fetch(image?.url ?? "")).status).toBe(200);

  const forged = await darkroom.fetch(`/api/jobs?cursor=${first.next_cursor ?? ""}x`);
  expect(forged.status).toBe(400);
  expect(await remove(running)).toBe(409);
  expect(await remove(made)).toBe(204);
  expect((await fetch(image?.url ?? "")).status).toBe(404);
  expect([await remove(made), (await darkroom.fetch(`/api/jobs/${made.id}`)).status]).toEqual([404, 404]);
  expect(idsOf(await list(`?tag=${tag}`))).toEqual([running.id, refused.id]);
});
