import type { Operation } from "../../src/connector/contracts/operation.ts";
import { operations } from "../../src/connector/contracts/operations.ts";
import { about, nowhere } from "./about.ts";

/** The connector's README under the headings that the certification template asks for, with the operations from the table. */
export function connectorReadme(): string {
  const isInternal = ({ visibility }: Operation) => visibility === "internal";
  const actions = operations.filter((operation) => !operation.trigger && !isInternal(operation));
  const triggers = operations.filter(({ trigger }) => trigger);
  const internal = operations.filter(isInternal);
  return `# ${about.title}

${about.description} Long jobs are waited for by the workflow's own engine, repeats are never billed twice, and an image
that could not be made says why.

![What an author sees of Edit images](card.svg)

## Deployment Instructions

**Power Automate and Power Apps**

\`\`\`sh
paconn create --api-def apiDefinition.swagger.json --api-prop apiProperties.json --icon icon.png
paconn update --api-def apiDefinition.swagger.json --api-prop apiProperties.update.json --icon icon.png --cid CONNECTOR-ID
\`\`\`

Create a connection with your key and the address of your Darkroom.

**A solution, with sample flows**

\`\`\`sh
npm run connector -- --into out/connector --host NAME.azurewebsites.net
\`\`\`

writes \`DarkroomConnector.zip\` and \`DarkroomFlows.zip\`, unmanaged solutions of Power Platform. Import the first, make a connection, then import
the second: it asks for that connection, for those of Microsoft's connectors, and for the environment variables of the nine sample flows,
which arrive turned off. \`certification.zip\` is both with \`intro.md\`, as Microsoft's validator of packages wants them.

**Without a connector: HTTP + Swagger**

Your Darkroom serves the definition for its own address, to anybody and to pages of any site: give
\`https://NAME.azurewebsites.net/connector.swagger.json\` to **HTTP + Swagger** and choose an operation. As authentication take
**Raw** with \`Bearer KEY\`, from a secure parameter; or, with App Service authentication in front, **Managed identity** with the
application ID URI as audience. Waiting by polls works; webhooks and lists of choices need the connector.

**Azure Logic Apps**

A custom connector is a resource \`Microsoft.Web/customApis\` whose \`swagger\` is \`apiDefinition.swagger.json\` and whose
\`backendService.serviceUrl\` is the address of your Darkroom with \`/api/connector\`. It knows no policy templates and needs none
of \`apiProperties.json\`. [\`infra/connector/\`](../infra/connector/README.md) deploys it, a connection, and nine sample
workflows. \`--into\` writes the same nine as an app of Logic Apps Standard, in \`standard/\`.

## Files

The files here are written by \`npm run connector\` from the schemas that the app checks requests by; a test fails when they
are stale.

| File | For |
| --- | --- |
| \`apiDefinition.swagger.json\` | both products |
| \`apiProperties.json\` | Power Automate and Power Apps: a new connector |
| \`apiProperties.update.json\` | the same without its owner, as \`paconn update\` wants it |
| \`icon.png\` | both products |
| \`intro.md\` | certification: the connector's page |
| \`card.svg\`, \`designer.md\` | what an author sees |
| \`released.swagger.json\` | what users have: a change that would break their workflows fails a test |

## Publisher: ${about.publisher}

## Prerequisites

- A Darkroom that is reachable over public HTTPS, and a key for it (or Entra sign-in in front of it).
- A plan that includes custom connectors: Azure Logic Apps (Consumption), or a premium plan of Power Automate.

## Supported Operations

${triggers.map(entry).join("\n\n")}

${actions.map(entry).join("\n\n")}

${internal.length} more are called by the designer and the engine, not by you:

| Operation | Does |
| --- | --- |
${internal.map(({ operationId, description }) => `| \`${operationId}\` | ${description} |`).join("\n")}

## Obtaining Credentials

**API key.** Anyone who runs Darkroom keeps the hashes of keys in its setting \`API_KEYS\` and gives you yours. Paste it as it is:
no \`Bearer\` before it (one that is there does no harm).

**Microsoft Entra ID.** Who connects signs in, and the app takes the word of App Service for who that is.

1. Register an app in your tenant: an application ID URI, a scope below it, a client secret, and the redirect address
   \`https://global.consent.azure-apim.net/redirect\`.
2. Turn on authentication of the function app with that registration. The URI is its allowed audience, your tenant its issuer.
   **Allow unauthenticated access**: Darkroom authenticates callers itself, and polls, the end of callbacks, keys and the definition
   come without a sign-in.
3. Write a copy of the package that knows your registration, and import that:

   \`\`\`sh
   npm run connector -- --into out/connector --host NAME.azurewebsites.net \\
     --client-id CLIENT-ID --tenant-id TENANT-ID --resource-uri api://DARKROOM
   \`\`\`

| Value | In \`apiProperties.json\` | Placeholder | In Logic Apps |
| --- | --- | --- | --- |
| client ID | \`clientId\` | \`${nowhere.clientId}\` | \`clientId\` |
| tenant | \`customParameters.tenantId\` | \`${nowhere.tenantId}\` | \`tenantId\` |
| application ID URI | \`customParameters.resourceUri\`, \`AzureActiveDirectoryResourceId\` | \`${nowhere.resourceUri}\` | \`resourceUri\` |
| sign-in address | \`customParameters.loginUri\` | \`https://login.microsoftonline.com\` | your cloud's own |
| client secret | nowhere | | \`clientSecret\` |

The secret is entered when the connector is created; it belongs in no file. Jobs belong to the one who made them: a connection of
another person, or by key, doesn't see them. Keys go on working beside it, as \`api-key\`: App Service judges
\`Authorization\` itself.

## Getting Started

1. Add **Generate images**, choose a deployment, type a prompt.
2. Use **Image URL** in the next step, or **File Content** and **File Name** with **Include Content**. They are those of the
   first image; each one is in **Images**. The link works for anybody for a day.
3. Keep **Image ID** when you need the image for longer: **Create a link to an image** makes a fresh link at any time, until
   the job is deleted or its retention is over. **Share an image** makes one that lasts that long by itself, or until you end it.

[What an author sees](designer.md) of each operation: its fields, and the tokens for the next action.

**A file in, a file out.** Give **File Content** of any file action to **Edit images**, with **Include Content**, and its **File Content** and
**File Name** to *Create file*. It may be bytes, an object with \`$content\`, a data URL, base64 in any spelling, or a mail's whole
attachment. Fields that are blank count as left empty, and numbers and lists may come as text.

**When it fails.** An action fails with its job, and its error names **Job ID**. With **If It Fails** set to go on it succeeds, and
**Status**, **Error Code** and **Error Message** say what happened.

## Agents

\`POST /mcp\` of your Darkroom speaks the Model Context Protocol (streamable HTTP, without sessions) with the same keys, as \`api-key\` or
\`Authorization: Bearer\`. The definition declares it as \`InvokeMcp\`, for products that take agents' tools from a connector.

| Tool | Takes | Returns |
| --- | --- | --- |
| \`generate_image\` | a prompt; deployment, n, size, quality, … | links, small pictures and an \`image_id\` for each |
| \`edit_image\` | images by \`image_id\` or https address, and a prompt | the same |
| \`get_job\` | a \`job_id\` | its state, with the images it has |
| \`list_models\` | nothing | deployments with sizes, qualities, file types, and whether they edit |
| \`cancel_job\` | a \`job_id\` | the job, canceled |

Tools wait 50 seconds for the images (\`wait_seconds\`, up to 200), and tell how far they are to clients that ask for progress. The job
goes on after that, and when a client hangs up or cancels its request: \`get_job\` finds it, \`cancel_job\` ends it. Replies never hold whole files.

## Known Issues and Limitations

- **Large files.** The files of one action may have 24 MB together: 32 MB as they are sent. Give larger ones by their URL, or by **Image ID** when they were made here.

- **No streaming.** A connector can't show an image while it is made; the app's own API and page can.
- **Links expire**, after 24 hours unless Darkroom is set otherwise, at most 168. Job and images are kept for the retention
  time (30 days unless set otherwise), then removed.
- **Quota.** The image service allows a few images a minute. Darkroom waits its 429s out within the job; a custom connector
  itself is limited to 500 requests a minute and connection. In a for-each, set the concurrency to what your quota allows.
- **Asynchronous Pattern.** With it switched off, an action answers at once with the job as it stands, and without images.
- **Waiting ends when the action's timeout does.** After **Generate images** and **Edit images** the job goes on: read it with **Get
  an image job**, or end it with **Cancel an image job**. After **Generate images and wait** and **Edit images and wait** it is
  canceled, since nobody waits for it: what it has made until then stays.
- **Which of the two.** **Generate images** is asked for by polls and fails with the job. **Generate images and wait** is called
  back: it succeeds when the job has ended, whichever way, so look at **Status** and **Error** next. Take it for long jobs, and
  where many wait at once.
- **Callbacks** are tried ten times over a day; one that is answered with 404 or 410 is forgotten. A job may be told twice:
  **Job ID** says which. A key has at most a hundred hooks.
- **When an image is ready** starts once for a job, **When an image is created** once for an image.
- **Include Content** puts whole files into the run's history. Use links, or turn on secure outputs.
- **Pages.** **List image jobs** doesn't page by itself: pass **Next Cursor** as **Cursor** until there is none.
- Multi-image edits are JSON: form uploads of several files don't exist in the designers.

## Upgrading

Workflows run on as they were saved: nothing they say or read has gone.

- **Model Parameters** is no field any more; its choices are fields of their own, each with a list of what the chosen deployment
  takes. Values that were saved there still count. To see them in the designer, choose them again in **Size**, **Quality** and so on.
- \`GetModelParameters\` is at another path, and answers lists in place of a form. It is asked by designers alone, so import the new
  definition together with the new version of the app.
- Titles of tokens are shorter (**Image URL** and not *Image Result Image Image URL*). What is saved are names, which are the same.

## Frequently Asked Questions

### What does an error look like?

\`{ "error": { "code", "message", "param", "retryable", "requestId" } }\`. Codes are fixed words; \`requestId\` finds the request in
the logs of the one who runs Darkroom. A failed job is \`422\`, a canceled one \`410\`; neither is retried by the engine.

### Is a retried action billed twice?

No. The same action of the same run is the same request, for a day. Where the engine's headers are suppressed, give
**Idempotency Key** a value such as \`@{workflow().run.name}-cover\`.
`;
}

function entry({ operationId, summary, description }: Operation): string {
  return `### ${summary}\n\n\`${operationId}\`. ${description}`;
}
