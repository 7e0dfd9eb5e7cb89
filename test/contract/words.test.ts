import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";

/**
 * The words of the first months that a reader had to learn before any file, and that search engines don't know. What is
 * said instead is in `docs/decisions/2026-11-30-words-and-rooms.md`. Standard senses stay: faults that tests inject,
 * claims and the subject of a token, wire names.
 */
const identifiers = new Set([
  ...["Door", "keyDoor", "Wish", "checkWish", "completeWish", "toWish", "Fault", "FaultFacts", "factsOf"],
  ...["UpstreamFault", "Claim", "joinClaimed", "Repetition", "recordOnce", "lane", "dealLanes", "imageLane"],
  ...["hopeless", "lossOf", "untilAnswered", "turnedAway", "outOfTime", "openCall", "closeCall", "takeBack"],
  ...["isSpent", "unanswered", "salvaged", "keepImages", "keepPartial", "undisturbed", "orUndefined"],
  ...["onceUnlessFailed", "EndWatch", "askAgainAt", "Offer", "offersOf", "notice", "untold", "tellNext"],
  ...["beginTelling", "listDue", "judgeReply", "Verdict", "outgoing", "BlobShelf", "JobUpkeep"],
  ...["InputWorkshop", "refitMask", "Objected", "draftJob", "namePart", "presentJob", "whyNot", "asItStands"],
  ...["surroundings", "commission", "rig", "standing", "wish", "whoever", "Accepting", "Telling", "Joining"],
  ...["told", "Told", "isTold", "toldTo", "forget", "sweep", "swept", "objection", "workshop"],
]);
const unmeasured = /^(longest|most|shortest|usual)[A-Z]/;
const files = new Set([
  ...[
    "key-door",
    "connector-wishes",
    "claim-store",
    "end-watch",
    "fair-share",
    "retention-run",
    "in-turn",
    "blob-shelf",
  ],
  ...["image-objection", "foreign-kind", "byte-feed", "upkeep", "intake", "surroundings", "rig", "telling"],
]);
const prose = /\b(wish(es|ed)?|lanes?|hopeless|untold|standing|whoever|intake|objections?)\b/i;
// An error of a service, word by word.
const quoted = /in good standing/;

const root = fileURLToPath(new URL("../..", import.meta.url));
const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /\.(ts|tsx|mjs|md)$/.test(file) && file !== "test/contract/words.test.ts");

it("names of files are the field's own", () => {
  const places = tracked.flatMap((file) =>
    file.split("/").map((part) => part.replace(/(\.test)?\.\w+$/, "")),
  );
  expect(places.filter((place) => files.has(place))).toEqual([]);
});

// Every file of TypeScript is parsed: half a minute of a core that others use as well.
it("names in code are the field's own", { timeout: 180_000 }, () => {
  const found = tracked
    .filter((file) => !file.endsWith(".md"))
    .flatMap((file) => namesIn(file).map((name) => `${file}: ${name}`));
  expect(found).toEqual([]);
});

it("prose and comments are in the field's own words", () => {
  const found = tracked.flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, at) => (prose.test(line) && !quoted.test(line) ? [`${file}:${at + 1}: ${line}`] : [])),
  );
  expect(found).toEqual([]);
});

function read(file: string): string {
  try {
    return readFileSync(`${root}/${file}`, "utf8");
  } catch (error) {
    // Removed, and not yet committed.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

const candidate = new RegExp(`\\b(${[...identifiers].join("|")}|(longest|most|shortest|usual)[A-Z])`);

function namesIn(file: string): string[] {
  const text = read(file);
  if (!candidate.test(text)) return [];
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && (identifiers.has(node.text) || unmeasured.test(node.text)))
      names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext));
  return [...names];
}
