import { fromTexts } from "../edits/form-fields.ts";
import { generationRequest } from "../contracts/requests.ts";
import { AppError, invalidRequest } from "../domain/app-error.ts";
import { type BatchFormat, type LineError, lineError, maxBatchLines } from "../domain/batch.ts";
import { didYouMean } from "../domain/did-you-mean.ts";

/** One line as it was written: what it asks for, or why that can't be told. */
export type ParsedLine =
  | { kind: "read"; line: number; value: unknown }
  | { kind: "refused"; line: number; error: LineError };

type WrittenLine = { line: number; read: () => unknown };

/**
 * The lines of a batch in their order. A line is numbered as an editor does: in CSV the header is line 1, and a value of several lines
 * counts as these; an entry of a JSON list counts from 1. Throws `invalidRequest` for a text that is no batch as a whole, and `tooLarge`
 * for one of more lines than a batch may have.
 */
export async function parseBatch(format: BatchFormat, text: string): Promise<ParsedLine[]> {
  const written = await { json: readJsonList, jsonl: readJsonLines, csv: readCsv }[format](
    text.replace(/^\uFEFF/, ""),
  );
  if (written.length === 0) throw bodyError("The batch is empty: it has no line that asks for anything.");
  if (written.length > maxBatchLines) throw tooManyLines();
  return written.map(({ line, read }) => {
    try {
      return { kind: "read", line, value: read() };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { kind: "refused", line, error: lineError(error) };
    }
  });
}

function readJsonList(text: string): WrittenLine[] {
  const value = parseJson(text, "The batch is not valid JSON.");
  // A file of one request is a batch of one.
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry, at) => ({ line: at + 1, read: () => entry }));
}

function readJsonLines(text: string): WrittenLine[] {
  return text.split("\n").flatMap((part, at) => {
    if (part.trim() === "") return [];
    return [{ line: at + 1, read: () => parseJson(part, "The line is not valid JSON.") }];
  });
}

/** The parser's own message quotes what it read. */
function parseJson(text: string, message: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bodyError(message);
  }
}

// Empty ones are records to the parser; anyone who has as many of these as of others is refused.
const maxRecords = 2 * maxBatchLines + 2;
// None of these occurs in a field's name, so the first line tells which one the file has.
const delimiters = [",", ";", "\t"];

/** As the parser gives them with `info`, which its types leave out. */
type InfoRow = { record: string[]; info: { lines: number } };

async function readCsv(text: string): Promise<WrittenLine[]> {
  const { parse, CsvError } = await import("csv-parse/sync");
  const header = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = delimiters.find((one) => header.includes(one)) ?? ",";
  let rows: InfoRow[];
  try {
    rows = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      to: maxRecords,
    }) as unknown as InfoRow[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw bodyError(
      `Line ${String(error["lines"])} of the CSV has a quote (") that is out of place or never closed.`,
    );
  }
  if (rows.length === maxRecords) throw tooManyLines();
  // A record may have several lines; the parser says where it ends.
  const records = rows.map(({ record }, at) => ({ record, line: (rows[at - 1]?.info.lines ?? 0) + 1 }));
  const columns = (records[0]?.record ?? []).map((name) => name.trim());
  checkColumns(columns);
  return records
    .slice(1)
    .filter(({ record }) => record.some((value) => value.trim() !== ""))
    .map(({ record, line }) => ({ line, read: () => requestOf(columns, record) }));
}

function checkColumns(columns: readonly string[]): void {
  const known = Object.keys(generationRequest.shape);
  const unknown = columns.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const name = JSON.stringify(unknown.slice(0, 64));
    const meant = didYouMean(unknown, known);
    const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
    const message = `Column ${name} is not a known field.${hint} The first line names the columns; known fields: ${known.join(", ")}.`;
    throw invalidRequest([{ param: unknown.slice(0, 64), message, allowed: known }]);
  }
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw bodyError(`Column ${twice} is there twice.`);
  if (!columns.includes("prompt"))
    throw bodyError("The CSV has no column prompt; its first line names the columns.");
}

function requestOf(columns: readonly string[], record: readonly string[]): unknown {
  if (record.length !== columns.length)
    throw bodyError(
      `The line has ${record.length} values, and the first one names ${columns.length} columns.`,
    );
  return fromTexts(Object.fromEntries(columns.map((name, at) => [name, record[at] ?? ""])));
}

function tooManyLines(): AppError {
  return new AppError("tooLarge", `A batch may have at most ${maxBatchLines} lines.`);
}

function bodyError(message: string): AppError {
  return invalidRequest([{ param: "body", message }]);
}
