import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type Tool,
} from "@modelcontextprotocol/sdk/types.js";

/** What a tool may do while it runs. */
export interface ToolRun {
  /** Tells the client how far it is, if it asked to be told. Each figure must be larger than the one before. */
  report: (progress: number, message: string) => Promise<void>;
  signal: AbortSignal;
}

export interface McpTool {
  shown: Tool;
  call: (given: unknown, run: ToolRun) => Promise<CallToolResult>;
}

/**
 * Answers one message of the Model Context Protocol by the official SDK (streamable HTTP without sessions): a server for
 * each request, so that any instance may take any of them. It is a file of its own beside the bundle, loaded with the
 * first message: so it imports nothing of the app, whose classes would be other ones here.
 */
export async function serveMcp(
  request: Request,
  message: unknown,
  { tools, version }: { tools: readonly McpTool[]; version: string },
): Promise<Response> {
  // The plain server: arguments are checked where every other input of the connector is, by the same rules.
  // oxlint-disable-next-line typescript/no-deprecated -- its successor checks arguments by schemas of its own reading
  const server = new Server(
    { name: "darkroom", title: "Darkroom", version },
    { capabilities: { tools: {} }, instructions },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map(({ shown }) => shown),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { sendNotification, signal }) => {
    const tool = tools.find(({ shown }) => shown.name === params.name);
    if (!tool) throw new McpError(ErrorCode.InvalidParams, `There is no tool ${params.name.slice(0, 64)}.`);
    const progressToken = params._meta?.progressToken;
    return tool.call(params.arguments ?? {}, {
      signal,
      async report(progress, text) {
        if (progressToken === undefined) return;
        await sendNotification({
          method: "notifications/progress",
          params: { progressToken, progress, message: text },
        });
      },
    });
  });
  const transport = new WebStandardStreamableHTTPServerTransport();
  await server.connect(transport);
  return transport.handleRequest(request, { parsedBody: message });
}

const instructions =
  "Makes and edits images as jobs. generate_image and edit_image wait for the images; a job that takes longer is asked for again by get_job. Results hold links and small pictures; image_id names an image in edit_image.";
