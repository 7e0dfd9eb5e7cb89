import type { Endpoint } from "./endpoint.ts";

// No script at all; the one style block is allowed by its own hash-free rule because nothing foreign can reach the page.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The first thing a newcomer sees in a browser: what this is, and how to make a picture. */
export const pageGet = (): Endpoint => ({
  name: "page-get",
  method: "GET",
  // An empty route means "the function's name" to the host; this template is the way to say "/".
  route: "{root:maxlength(0)?}",
  access: "public",
  handle: ({ request }) => ({
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "cache-control": "no-cache",
    },
    body: page(escapeHtml(new URL(request.url).origin)),
  }),
});

/** The origin comes from the request's own Host header. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(origin: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Darkroom</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 2.2rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { overflow-x: auto; padding: 1rem; border-radius: .5rem; background: #8882; font-size: .875rem; }
code { font-family: ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; }
td { padding: .35rem .75rem .35rem 0; vertical-align: top; border-top: 1px solid #8884; }
td:first-child { white-space: nowrap; }
@media (max-width: 30rem) { td { display: block; border: 0; padding: 0; } td:first-child { margin-top: .75rem; } }
</style>
</head>
<body>
<main>
<h1>Darkroom</h1>
<p>Image generation as durable jobs: post a prompt, get links that stay.</p>
<h2>Make a picture</h2>
<pre><code>curl ${origin}/api/images/generations \\
  -H "api-key: $DARKROOM_KEY" -H "Prefer: wait=60" \\
  -H "content-type: application/json" \\
  -d '{"model": "dall-e-3", "prompt": "A multi-colored umbrella on the beach"}'</code></pre>
<p><code>$DARKROOM_KEY</code> is your key; on your own machine, the one that <code>npm start</code> printed.
Without <code>Prefer: wait</code> the answer is <code>202</code> at once, with a <code>Location</code> to poll.</p>
<h2>What is here</h2>
<table>
<tr><td><code>POST /api/images/generations</code></td><td>make images: a job</td></tr>
<tr><td><code>GET /api/jobs/{id}</code></td><td>the job, its images and what became of the others</td></tr>
<tr><td><code>GET /api/jobs/{id}/result</code></td><td>poll until it ends</td></tr>
<tr><td><code>GET /api/jobs/{id}/images/{index}</code></td><td>an image, at an address that never dies</td></tr>
<tr><td><code>GET /api/models</code></td><td>models, sizes, limits</td></tr>
<tr><td><a href="/api/health"><code>GET /api/health</code></a></td><td>is it well?</td></tr>
<tr><td><a href="/openapi.json"><code>GET /openapi.json</code></a></td><td>all of this, for machines</td></tr>
</table>
</main>
</body>
</html>
`;
}
