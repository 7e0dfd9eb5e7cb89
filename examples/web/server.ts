import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { startScript } from "../../scripts/start-script.ts";
import { answer } from "./site.ts";

startScript(`DARKROOM_KEY=KEY npm run example   serves a web app beside Darkroom, which gets tokens of its own for each visitor; PORT and DARKROOM_URL say
                                  where, if not 5173 and http://127.0.0.1:7071`);

const { DARKROOM_URL = "http://127.0.0.1:7071", DARKROOM_KEY, PORT = "5173" } = process.env;
if (DARKROOM_KEY === undefined)
  throw new Error("DARKROOM_KEY is a key of Darkroom's, as npm start prints it.");
const client = fileURLToPath(new URL("../../packages/client/dist", import.meta.url));
const site = { darkroom: DARKROOM_URL, key: DARKROOM_KEY, client };

createServer((request, response) => {
  answer(site, request, response).catch((error: unknown) => {
    console.error(error);
    response.writeHead(502).end();
  });
}).listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
