import { mebibytes, median, milliseconds, percentile } from "../numbers.ts";
import { startUpstream } from "../plain-stack.ts";
import { renderCells, renderTable, type Row } from "../table.ts";
import { measureHostShare } from "./host-share.ts";
import { type Contender, darkroomName, portkeyName, race, type RaceSize, type Result } from "./race.ts";
import { measureThumbnails } from "./thumbnails.ts";

const bounds = { cpuRatio: 0.8, imagesPerSecond: 16, thumbnailsMs: 35 };

export const raceSize: RaceSize = { rounds: 7, warmUps: 2, calls: 32, inFlight: 8, withPortkey: true };
export const smallestRace: RaceSize = { rounds: 1, warmUps: 0, calls: 2, inFlight: 2, withPortkey: false };

/** `npm run bench -- race`: the same pictures by Darkroom and by those who only pass them on. Linux only. */
export async function benchRace(size: RaceSize): Promise<string> {
  const contenders = await race(size);
  const upstream = await startUpstream();
  const hostShare = await measureHostShare(String(upstream.ready["url"]), size.calls, size.inFlight);
  await upstream.stop();
  const thumbnailsMs = await measureThumbnails(size.rounds * 2);
  const rows = renderTable(rowsOf(contenders, hostShare, thumbnailsMs));
  return [renderContenders(contenders), renderChart(contenders), rows].join("\n\n");
}

const totalOf = ({ cpu }: Result) => cpu.main + cpu.pictures + cpu.engine;
const rateOf = ({ latencies, wallMs }: Result) => (latencies.length * 1_000) / wallMs;
const medianOf = ({ results }: Contender, pick: (result: Result) => number) => median(results.map(pick));

/** The median, and from the least to the most of all rounds. */
function spread({ results }: Contender, pick: (result: Result) => number): string {
  const values = results.map(pick);
  return `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`;
}

function renderContenders(contenders: readonly Contender[]): string {
  const head = ["", "CPU ms / image", "of it pictures", "p50 / p99 ms", "images/s", "peak RSS"];
  const lines = contenders.map((each) => {
    const latencies = each.results.flatMap((result) => result.latencies);
    return [
      each.name,
      spread(each, totalOf),
      medianOf(each, ({ cpu }) => Math.max(0, cpu.pictures)).toFixed(1),
      `${Math.round(median(latencies))} / ${Math.round(percentile(latencies, 99))}`,
      spread(each, rateOf),
      mebibytes(each.peakBytes),
    ];
  });
  return renderCells([head, ...lines]);
}

/** Mermaid, which code hosts draw. */
function renderChart(contenders: readonly Contender[]): string {
  const names = contenders.map(({ name }) => `"${name}"`).join(", ");
  const values = contenders.map((each) => medianOf(each, totalOf).toFixed(1)).join(", ");
  return [
    "```mermaid",
    "xychart-beta horizontal",
    '  title "CPU for one image of 1.5 MB, milliseconds"',
    `  x-axis [${names}]`,
    `  bar [${values}]`,
    "```",
  ].join("\n");
}

function rowsOf(contenders: readonly Contender[], hostShare: number, thumbnailsMs: number): Row[] {
  const named = (name: string) => contenders.find((each) => each.name === name);
  const [ours, portkey] = [named(darkroomName), named(portkeyName)];
  if (!ours) throw new Error("Darkroom took no part.");
  const main = medianOf(ours, ({ cpu }) => cpu.main);
  const engine = medianOf(ours, ({ cpu }) => cpu.engine);
  const app = (main + engine) * (1 - hostShare);
  const rate = medianOf(ours, rateOf);
  const parts = `app ${app.toFixed(1)}, host ${(main + engine - app).toFixed(1)}, thumbnails ${medianOf(ours, ({ cpu }) => cpu.pictures).toFixed(1)} ms`;
  const other = portkey && medianOf(portkey, totalOf);
  return [
    ...(other === undefined
      ? []
      : [
          {
            what: "CPU per image: app / Portkey's gateway",
            figures: `${parts}; Portkey ${other.toFixed(1)} ms`,
            ratio: app / other,
            bound: bounds.cpuRatio,
          },
        ]),
    {
      what: "CPU per image: host / app",
      figures: parts,
      ratio: hostShare / (1 - hostShare),
    },
    {
      what: `images per second: ${bounds.imagesPerSecond} / measured`,
      figures: `${rate.toFixed(1)} images/s at 8 in flight`,
      ratio: bounds.imagesPerSecond / rate,
      bound: 1,
    },
    {
      what: `CPU of both thumbnails of 1.5 MB / ${bounds.thumbnailsMs} ms`,
      figures: milliseconds(thumbnailsMs),
      ratio: thumbnailsMs / bounds.thumbnailsMs,
      bound: 1,
    },
  ];
}
