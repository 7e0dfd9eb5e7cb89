import { expect, it } from "vitest";
import type { IssuedTokenReply } from "../../src/contracts/tokens.ts";
import { imageIdOf } from "../../src/domain/image-id.ts";
import { useSharedDarkroom } from "../support/darkroom.ts";

const darkroom = useSharedDarkroom();
const prompt = "what only bob may know";

async function tokenFor(subject: string, limits: object = {}): Promise<{ authorization: string }> {
  const reply = await darkroom.postJson("/api/tokens", { subject, ...limits });
  expect(reply.status).toBe(201);
  return { authorization: `Bearer ${((await reply.json()) as IssuedTokenReply).token}` };
}

interface Listed {
  name: string;
  invoke_url_template?: string;
  config: { bindings: { type: string; methods?: string[] }[] };
}

/** Every registered route and method, with another subject's job wherever a job is named. */
async function routesAt(jobId: string): Promise<{ name: string; method: string; url: string }[]> {
  const imageId = imageIdOf(jobId, 0);
  const values: Record<string, string> = { id: jobId, jobId, imageId, index: "0", root: "" };
  const listed = (await (await darkroom.fetchAsAdmin("/admin/functions")).json()) as Listed[];
  return listed.flatMap(({ name, invoke_url_template: template, config }) => {
    const trigger = config.bindings.find(({ type }) => type.toLowerCase() === "httptrigger");
    if (template === undefined || !trigger) return [];
    const path = template
      .replace(/^https?:\/\/[^/]+/, "")
      .replace(/\{\*?(\w+)[^{}]*\}/g, (_, param: string) => values[param] ?? "x");
    return (trigger.methods ?? ["GET"]).map((method) => ({ name, method, url: darkroom.running.url + path }));
  });
}

it("a token of one subject sees another's job on no route, and changes nothing of it", async () => {
  const [ann, bob] = [await tokenFor("ann"), await tokenFor("bob")];
  const made = await darkroom.post({ model: "gpt-image-1", prompt }, { ...bob, prefer: "wait=60" });
  const { id } = (await made.json()) as { id: string };
  const readAsBob = async () => (await darkroom.fetch(`/api/jobs/${id}`, { headers: bob })).json();
  expect(await readAsBob()).toMatchObject({ id, status: "succeeded", request: { prompt } });

  const edit = { prompt: "as ann", images: [{ job_id: id, index: 0 }] };
  const taken = await darkroom.postJson("/api/images/edits", edit, ann);
  expect([taken.status, await taken.json()]).toMatchObject([400, { error: { param: "images.0.job_id" } }]);

  const routes = await routesAt(id);
  expect(routes.filter(({ url }) => url.includes(id)).length).toBeGreaterThanOrEqual(15);
  const leaks: unknown[] = [];
  for (const { name, method, url } of routes) {
    const hasBody = method !== "GET" && method !== "HEAD";
    const reply = await fetch(url, {
      method,
      redirect: "manual",
      headers: { ...ann, "content-type": "application/json" },
      ...(hasBody && { body: "{}" }),
    });
    const text = await reply.text();
    // An address that names the job may be repeated; whatever else tells of it is a leak.
    const tells = url.includes(id) ? ![400, 401, 403, 404, 405].includes(reply.status) : text.includes(id);
    if (tells || text.includes(prompt)) leaks.push([name, method, reply.status, text]);
  }
  expect(leaks).toEqual([]);
  expect(await readAsBob()).toMatchObject({ id, status: "succeeded", request: { prompt } });
});

it("a leaked token makes as many jobs as it was given, over all ways and however many ask at once", async () => {
  const token = await tokenFor("leaked", { max_jobs: 3 });
  const json = { ...token, "content-type": "application/json" };
  const leaked = "leaked";
  const ways = [
    { path: "/api/images/generations", body: { model: "gpt-image-1", prompt: leaked } },
    { path: "/v1/images/generations", body: { model: "gpt-image-1", prompt: leaked } },
    { path: "/openai/deployments/gpt-image/images/generations", body: { prompt: leaked } },
    { path: "/api/connector/jobs", body: { deployment: "gpt-image", prompt: leaked } },
  ];
  const replies = await Promise.all(
    [...ways, ...ways, ...ways].map(({ path, body }, index) =>
      darkroom.fetch(path, {
        method: "POST",
        headers: json,
        body: JSON.stringify({ ...body, prompt: `${leaked} ${index}` }),
      }),
    ),
  );
  const statuses = replies.map(({ status }) => status);
  expect(statuses.filter((status) => status < 300)).toHaveLength(3);
  expect(statuses.filter((status) => status === 403)).toHaveLength(9);
  const { jobs } = (await (await darkroom.fetch("/api/jobs", { headers: token })).json()) as {
    jobs: unknown[];
  };
  expect(jobs).toHaveLength(3);
});
