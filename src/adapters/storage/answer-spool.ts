import { randomUUID } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnswerSpool, CallName, HeldImage, ReceivedAnswer } from "../../ports/answers.ts";
import { memoizeSuccess } from "../../async/memoize-success.ts";

/** An answer as its record says it: pictures lie beside the record, one file for each slot. */
interface Saved extends Omit<ReceivedAnswer, "held"> {
  held: (Omit<HeldImage, "picture"> & { bytes: number })[];
}

const recordName = "answer.json";
// Longer than any job may take: what is older is nobody's any more.
const leftoverMs = 48 * 60 * 60_000;

/**
 * Answers in folders of the system's temporary one, a folder for each call, readable by this user alone: an answer may hold
 * links with a secret in them. The record gets its name last, so a process that is killed leaves no half answer.
 */
export function tempAnswerSpool(parent = tmpdir()): AnswerSpool {
  const root = join(parent, `darkroom-answers-${process.getuid?.() ?? "all"}`);

  const ensure = memoizeSuccess(async () => {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const facts = await lstat(root);
    // A threat: somebody else on the machine may have made the folder, or a link of that name, to read what is written.
    const isOwn = facts.isDirectory() && facts.uid === (process.getuid?.() ?? facts.uid);
    if (!isOwn) throw new Error("the folder for received answers belongs to somebody else");
    await removeLeftovers(root);
  });

  // Found by its name alone: a list of all that is held would grow with what else is under way.
  const folderOf = ({ jobId, call }: CallName) => join(root, `${jobId}-${call}`);

  return {
    async save(name, answer) {
      await ensure();
      const folder = join(folderOf(name), randomUUID());
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const image of answer.held) {
        const { index, picture } = image;
        await writeFile(join(folder, String(index)), await picture.read());
        image.picture = pictureIn(folder, index, picture.bytes);
        // One at a time: the memory of this one may be what the next is waiting for.
        await picture.release();
      }
      await writeFile(join(folder, `${recordName}.part`), JSON.stringify(toSaved(answer)));
      await rename(join(folder, `${recordName}.part`), join(folder, recordName));
    },
    async find(name) {
      const saved = (await readdir(folderOf(name)).catch(ignoreMissing)) ?? [];
      const answers = await Promise.all(saved.map((one) => readAnswer(join(folderOf(name), one))));
      const [first, ...others] = answers.filter((answer) => answer !== undefined);
      return first && others.reduce(merged, first);
    },
    async remove(name) {
      await rm(folderOf(name), { recursive: true, force: true });
    },
  };
}

async function readAnswer(folder: string): Promise<ReceivedAnswer | undefined> {
  const text = await readFile(join(folder, recordName), "utf8").catch(ignoreMissing);
  if (text === undefined) return undefined;
  const saved = JSON.parse(text) as Saved;
  const held = saved.held.map(({ bytes, ...image }) => ({
    ...image,
    picture: pictureIn(folder, image.index, bytes),
  }));
  return { ...saved, held };
}

/** Two deliveries of one call may both have been answered: of a slot that both brought, one image is enough. */
function merged(one: ReceivedAnswer, other: ReceivedAnswer): ReceivedAnswer {
  const stored = ({ ends }: ReceivedAnswer) => ends.filter(({ state }) => state === "stored");
  const imagesOf = (answer: ReceivedAnswer) => [...stored(answer), ...answer.held, ...answer.links];
  const without = <T extends { index: number }>(list: readonly T[], others: readonly { index: number }[]) =>
    list.filter(({ index }) => !others.some((known) => known.index === index));
  const images = [...imagesOf(one), ...imagesOf(other)];
  // A failure in one answer takes no image of the other.
  const failed = [...without(one.ends, images), ...without(other.ends, [...images, ...one.ends])];
  return {
    ...one,
    ends: [...stored(one), ...without(stored(other), imagesOf(one)), ...failed],
    held: [...one.held, ...without(other.held, imagesOf(one))],
    links: [...one.links, ...without(other.links, imagesOf(one))],
  };
}

function toSaved(answer: ReceivedAnswer): Saved {
  const held = answer.held.map(({ picture, ...image }) => ({ ...image, bytes: picture.bytes }));
  return { ...answer, held };
}

function pictureIn(folder: string, index: number, bytes: number): HeldImage["picture"] {
  return {
    bytes,
    read: () => readFile(join(folder, String(index))),
    unload: () => Promise.resolve(),
    // The file goes with its folder, once the whole answer is recorded.
    release: () => Promise.resolve(),
  };
}

async function removeLeftovers(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const path = join(root, name);
    // Gone already: another process tidies as well.
    const facts = await lstat(path).catch(ignoreMissing);
    if (facts && facts.mtimeMs < Date.now() - leftoverMs) await rm(path, { recursive: true, force: true });
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
