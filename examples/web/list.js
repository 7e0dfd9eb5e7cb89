import { Darkroom } from "@darkroom/client";

const darkroom = new Darkroom({
  url: await (await fetch("./darkroom")).text(),
  token: async () => (await fetch("./token", { method: "POST" })).text(),
});
const form = document.querySelector("form");
const list = document.querySelector("ol");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const prompt = new FormData(form).get("prompt");
  form.reset();
  const row = newRow(prompt);
  list.prepend(row.item);
  const job = darkroom.generate({ model: "gpt-image-1", prompt, stream: true, partial_images: 3 });
  job.then(({ id }) => develop(row, id)).catch((error) => row.fail(error));
});

// What was there before, and what goes on: a job needs no more than its id.
const { jobs } = await darkroom.listJobs();
for (const job of jobs) {
  const row = newRow(job.request.prompt);
  list.append(row.item);
  if (job.status === "succeeded") row.show(job, []);
  else develop(row, job.id).catch((error) => row.fail(error));
}

async function develop(row, id) {
  await darkroom.subscribe(id, { onUpdate: ({ job, partials }) => row.show(job, partials) });
}

function newRow(prompt) {
  const item = document.createElement("li");
  const image = item.appendChild(document.createElement("img"));
  const text = item.appendChild(document.createElement("p"));
  image.alt = prompt;
  return {
    item,
    show(job, partials) {
      const picture = job.images[0]?.thumbnail_url ?? job.images[0]?.url ?? partials[0]?.url;
      if (picture !== undefined && image.src !== picture) image.src = picture;
      item.className = job.images.length > 0 ? "made" : "developing";
      text.textContent = `${prompt}: ${describe(job)}`;
    },
    fail(error) {
      item.className = "failed";
      text.textContent = `${prompt}: ${error.message}`;
    },
  };
}

function describe({ status, waiting, progress }) {
  if (waiting) return `waits (${waiting.reason}) until ${new Date(waiting.until).toLocaleTimeString()}`;
  return status === "running" ? `${Math.round(progress * 100)} %` : status;
}
