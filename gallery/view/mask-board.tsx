import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { contextOf, type Picture } from "../browser/pictures.ts";
import {
  blank,
  describeFrame,
  draw,
  type Frame,
  inImage,
  type Mark,
  marked,
  moved,
  type Painting,
  type Point,
  undone,
} from "../model/mask.ts";
import { Segments } from "./fields.tsx";

interface Parts {
  picture: Picture;
  /** The canvas that holds the paint, in the picture's own pixels. */
  painted: RefObject<HTMLCanvasElement | null>;
  isWhole: boolean;
  onWhole: (isWhole: boolean) => void;
  onReplace: () => void;
}

// The red of masking film. How it is shown is the style sheet's affair; only its alpha means something.
const paint = "#ff2d1a";
const middle: Frame = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };

/** The picture under masking film: what is painted red will be made anew. */
export function MaskBoard({ picture, painted, isWhole, onWhole, onReplace }: Parts) {
  const { bitmap } = picture;
  const base = useRef<HTMLCanvasElement>(null);
  const board = useRef<HTMLDivElement>(null);
  const stroke = useRef<Point[]>(undefined);
  const [painting, setPainting] = useState<Painting>(blank);
  const [tool, setTool] = useState("Brush");
  const [size, setSize] = useState(12);
  const [frame, setFrame] = useState(middle);
  const [hasKeys, setKeys] = useState(false);
  const [said, setSaid] = useState("");
  const erases = tool === "Eraser";
  const width = (Math.min(bitmap.width, bitmap.height) * size) / 100;

  useEffect(() => {
    if (base.current) contextOf(base.current).drawImage(bitmap, 0, 0);
  }, [bitmap]);
  useEffect(() => {
    // The chooser had it, and is gone.
    if (document.activeElement === document.body) board.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => repaint(painted.current, painting), [painting]);

  const add = (mark: Mark) => setPainting((known) => marked(known, mark));
  const pointOf = (event: PointerEvent, canvas: HTMLCanvasElement) =>
    inImage({ x: event.clientX, y: event.clientY }, canvas.getBoundingClientRect(), bitmap);
  const paintTo = (canvas: HTMLCanvasElement, points: Point[]) =>
    draw(contextOf(canvas), { kind: "stroke", erases, size: width, points }, paint);

  const begin = (event: PointerEvent & { currentTarget: HTMLCanvasElement }) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setKeys(false);
    stroke.current = [pointOf(event, event.currentTarget)];
    paintTo(event.currentTarget, stroke.current);
  };
  const go = (event: PointerEvent & { currentTarget: HTMLCanvasElement }) => {
    const points = stroke.current;
    if (!points) return;
    const between = event.getCoalescedEvents();
    for (const one of between.length > 0 ? between : [event]) {
      points.push(pointOf(one, event.currentTarget));
      paintTo(event.currentTarget, points.slice(-2));
    }
  };
  const end = () => {
    const points = stroke.current;
    stroke.current = undefined;
    if (points) add({ kind: "stroke", erases, size: width, points });
  };
  const undo = () => {
    setPainting(undone);
    setSaid("Undone.");
  };

  const press = (event: KeyboardEvent) => {
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      undo();
      return;
    }
    const isErasing = event.key === "Delete" || event.key === "Backspace";
    if (event.key.startsWith("Arrow")) {
      const next = moved(frame, event.key, event.shiftKey);
      setFrame(next);
      setSaid(describeFrame(next));
    } else if (event.key === "Enter" || event.key === " " || isErasing) {
      const { width: w, height: h } = bitmap;
      add({
        kind: "rectangle",
        erases: isErasing,
        x: frame.x * w,
        y: frame.y * h,
        width: frame.width * w,
        height: frame.height * h,
      });
      setSaid(isErasing ? "Wiped." : "Painted.");
    } else return;
    setKeys(true);
    event.preventDefault();
  };
  const percent = (share: number) => `${share * 100}%`;

  return (
    <div class="mask">
      <div class="mask-tools" role="group" aria-label="Mask tools">
        <Segments label="Tool" name="tool" choices={["Brush", "Eraser"]} value={tool} onChange={setTool} />
        <label class="mask-size">
          Size
          <input
            type="range"
            min={2}
            max={40}
            value={size}
            onInput={(event) => setSize(event.currentTarget.valueAsNumber)}
          />
        </label>
        <button type="button" class="button small" aria-disabled={painting.marks.length === 0} onClick={undo}>
          Undo
        </button>
        <button
          type="button"
          class="button small"
          aria-disabled={painting.marks.length === 0}
          onClick={() => setPainting(blank)}
        >
          Clear
        </button>
        <button type="button" class="button small" onClick={onReplace}>
          Other picture
        </button>
      </div>
      <div
        ref={board}
        class={`board ${isWhole ? "whole" : ""}`}
        role="application"
        tabIndex={0}
        aria-label="Mask over the picture"
        aria-describedby="mask-keys"
        onKeyDown={press}
        onFocus={() => setSaid(describeFrame(frame))}
        onBlur={() => setKeys(false)}
      >
        <canvas ref={base} class="base" width={bitmap.width} height={bitmap.height} />
        <canvas
          ref={painted}
          class="paint"
          width={bitmap.width}
          height={bitmap.height}
          onPointerDown={begin}
          onPointerMove={go}
          onPointerUp={end}
          onPointerCancel={end}
        />
        {hasKeys && !isWhole && (
          <span
            class="key-frame"
            style={{
              left: percent(frame.x),
              top: percent(frame.y),
              width: percent(frame.width),
              height: percent(frame.height),
            }}
          />
        )}
      </div>
      <p class="hint" id="mask-keys">
        Paint over what should change.{" "}
        <span class={`for-keys ${hasKeys ? "used" : ""}`}>
          Arrows move a rectangle, Shift and arrows stretch it, Enter paints it, Delete wipes it.
        </span>
      </p>
      <label class="check">
        <input type="checkbox" checked={isWhole} onChange={(event) => onWhole(event.currentTarget.checked)} />
        Change the whole picture
      </label>
      <p class="unseen" role="status">
        {said}
      </p>
    </div>
  );
}

function repaint(canvas: HTMLCanvasElement | null, { marks }: Painting): void {
  if (!canvas) return;
  const context = contextOf(canvas);
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const mark of marks) draw(context, mark, paint);
}
