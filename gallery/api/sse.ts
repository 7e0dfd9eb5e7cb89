export interface ServerEvent {
  id: string;
  type: string;
  data: string;
}

/**
 * Reads server-sent events from text that arrives in pieces of any size, as the HTML standard has it: lines end in LF, CR
 * or both, comments are dropped, an event without data is none, and one that was not finished is never told.
 */
export function eventReader(listen: (event: ServerEvent) => void): (text: string) => void {
  let rest = "";
  let endedInReturn = false;
  let data: string[] = [];
  let type = "";
  let id = "";

  function line(text: string): void {
    if (text === "") {
      if (data.length > 0) listen({ id, type: type || "message", data: data.join("\n") });
      data = [];
      type = "";
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }

  return (text) => {
    // A line feed that belongs to a return at the end of the last piece is no line of its own.
    const fresh = endedInReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") endedInReturn = text.endsWith("\r");
    const lines = (rest + fresh).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? "";
    for (const one of lines) line(one);
  };
}
