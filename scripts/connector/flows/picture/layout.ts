import { type JsonObject, objectAt } from "../../json.ts";
import { awaitedBy, branchesOf, type Step, stepsBeside, triggersOf } from "../workflow.ts";
import { lineHeight, widthOf, wrapped } from "./letters.ts";
import { spaced, type Words } from "./words.ts";

/** Where everything of a picture is, in pixels from its own upper left corner. Nothing lies upon anything else. */
export interface Box {
  words: { look: Words["look"]; title: string[]; notes: string[] };
  width: number;
  height: number;
  headHeight: number;
  columns: Column[];
}
export interface Column {
  label: string | undefined;
  x: number;
  y: number;
  width: number;
  height: number;
  flow: Flow;
}
export interface Flow {
  width: number;
  height: number;
  boxes: { x: number; y: number; box: Box }[];
  arrows: Arrow[];
}
/** From the bottom of one box to the top of another; the label says on what condition, where that isn't success. */
export interface Arrow {
  from: { x: number; y: number };
  to: { x: number; y: number };
  label: string | undefined;
}

export const cardWidth = 276;
export const inset = 46;
const margin = 16;
const [gapAcross, gapDown, gapDownToLabel] = [28, 34, 64];
export const labelHeight = 20;

export type Speak = (step: Step) => Words;

export function flowOf(definition: JsonObject, speak: Speak): Flow {
  const [trigger] = triggersOf(definition);
  if (!trigger) throw new Error("A workflow without a trigger has no picture.");
  return flow([trigger, ...stepsBeside(definition, [])], speak, definition, trigger.name);
}

function boxOf(step: Step, speak: Speak, definition: JsonObject): Box {
  const { look, title, notes } = speak(step);
  const room = cardWidth - inset - 14;
  const words = {
    look,
    title: wrapped(title, room, "title"),
    notes: notes.flatMap((note) => wrapped(note, room, "note")),
  };
  const text = words.title.length * lineHeight.title + words.notes.length * lineHeight.note;
  const headHeight = Math.max(text + 20, 48);
  const columns = columnsOf(step, speak, definition, headHeight);
  const right = columns.at(-1);
  return {
    words,
    headHeight,
    columns,
    width: Math.max(cardWidth, right ? right.x + right.width + margin : 0),
    height: headHeight + (columns.length > 0 ? Math.max(...columns.map(({ height }) => height)) + margin : 0),
  };
}

function columnsOf(step: Step, speak: Speak, definition: JsonObject, y: number): Column[] {
  const branches = branchesOf(step);
  const isOne = branches.length === 1;
  let x = margin;
  const columns = branches.map((branch) => {
    const around = [...step.around, { step, branch: branch.name }];
    const inner = flow(stepsBeside(definition, around), speak, definition);
    const label = isOne ? undefined : labelOf(step, branch.name);
    const padding = isOne ? 0 : margin;
    const width = Math.max(inner.width, label === undefined ? 0 : widthOf(label, "label")) + 2 * padding;
    const column = { label, x, y, width, height: inner.height + padding + (isOne ? 0 : 34), flow: inner };
    x += width + margin;
    return column;
  });
  // Columns stand side by side and reach equally far down.
  const height = Math.max(0, ...columns.map((column) => column.height));
  const spare = Math.max(0, cardWidth - x);
  return columns.map((column) => ({ ...column, height, x: column.x + spare / 2 }));
}

function labelOf(step: Step, branch: string): string {
  if (step.type === "If") return branch === "else" ? "otherwise" : "yes";
  if (branch === "default") return "anything else";
  const value = objectAt(objectAt(step.node, "cases"), branch)["case"];
  return `${spaced(branch)}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
}

interface Placed {
  /** How far it reaches from its axis, which is the middle of its own box. */
  left: number;
  right: number;
  height: number;
  boxes: Flow["boxes"];
  arrows: Arrow[];
}

/** Steps as a tree along what they wait for: the usual way straight down, others off to its right. */
function flow(steps: Step[], speak: Speak, definition: JsonObject, root?: string): Flow {
  const followers = new Map<string | undefined, { step: Step; label: string | undefined }[]>();
  for (const step of steps) {
    const awaited = [...awaitedBy(step)];
    if (awaited.length > 1)
      throw new Error(`${step.name} waits for more than one action, which isn't drawn yet.`);
    const [name, statuses] = awaited[0] ?? [step.name === root ? undefined : root, ["Succeeded"]];
    const list = followers.get(name) ?? [];
    followers.set(name, [...list, { step, label: conditionOf(statuses) }]);
  }
  const roots = (followers.get(undefined) ?? []).map(({ step }) => placed(step));
  let x = 0;
  const [boxes, arrows]: [Flow["boxes"], Arrow[]] = [[], []];
  for (const one of roots) {
    boxes.push(...one.boxes.map((entry) => ({ ...entry, x: entry.x + x + one.left })));
    arrows.push(...one.arrows.map((arrow) => moved(arrow, x + one.left, 0)));
    x += one.left + one.right + gapAcross;
  }
  return {
    width: Math.max(0, x - gapAcross),
    height: Math.max(0, ...roots.map(({ height }) => height)),
    boxes,
    arrows,
  };

  function placed(step: Step): Placed {
    const box = boxOf(step, speak, definition);
    const next = [...(followers.get(step.name) ?? [])].sort(
      (one, other) => Number(one.label !== undefined) - Number(other.label !== undefined),
    );
    const half = box.width / 2;
    const whole: Placed = {
      left: half,
      right: half,
      height: box.height,
      boxes: [{ x: -half, y: 0, box }],
      arrows: [],
    };
    const down = box.height + (next.some(({ label }) => label !== undefined) ? gapDownToLabel : gapDown);
    for (const [at, { step: follower, label }] of next.entries()) {
      const subtree = placed(follower);
      const across = at === 0 ? 0 : whole.right + gapAcross + subtree.left;
      whole.boxes.push(
        ...subtree.boxes.map((entry) => ({ ...entry, x: entry.x + across, y: entry.y + down })),
      );
      whole.arrows.push(
        { from: { x: at === 0 ? 0 : half - 36 * at, y: box.height }, to: { x: across, y: down }, label },
        ...subtree.arrows.map((arrow) => moved(arrow, across, down)),
      );
      whole.left = Math.max(whole.left, subtree.left - across);
      whole.right = Math.max(whole.right, subtree.right + across);
      whole.height = Math.max(whole.height, down + subtree.height);
    }
    return whole;
  }
}

const moved = ({ from, to, label }: Arrow, x: number, y: number): Arrow => ({
  from: { x: from.x + x, y: from.y + y },
  to: { x: to.x + x, y: to.y + y },
  label,
});

function conditionOf(statuses: string[]): string | undefined {
  const told: Record<string, string> = {
    Succeeded: "succeeded",
    Failed: "failed",
    Skipped: "was skipped",
    TimedOut: "took too long",
  };
  if (statuses.length === 1 && statuses[0] === "Succeeded") return undefined;
  return `if it ${statuses.map((status) => told[status] ?? status).join(" or ")}`;
}
