import { AppError } from "../domain/app-error.ts";
import { messageOf } from "../domain/message-of.ts";
import type { AuditLog } from "../ports/callers.ts";
import type { Clock } from "../ports/clock.ts";
import type { Endpoint } from "../http/endpoint.ts";

export interface OperatorDeps {
  audit: AuditLog;
  clock: Clock;
}

/**
 * What all endpoints of operators share: the scope, no tokens, and a line in the audit log. The line is written before the act,
 * so that nothing is done without one; where it can't be written, nothing is done.
 */
export function operatorEndpoint(
  { audit, clock }: OperatorDeps,
  endpoint: Omit<Endpoint, "access" | "scopes">,
): Endpoint {
  return {
    ...endpoint,
    name: `operator-${endpoint.name}`,
    route: `api/operator/${endpoint.route}`,
    access: "caller",
    scopes: ["operator"],
    refusesTokens: true,
    async handle(call) {
      const { caller, params, request, requestId, context } = call;
      const named = [...Object.values(params), request.query.get("caller") ?? undefined];
      const finish = await audit.begin({
        at: clock.now().toISOString(),
        operator: caller,
        act: endpoint.name,
        target: named
          .filter((part) => part !== undefined)
          .join(" ")
          .slice(0, 512),
        requestId,
      });
      const end = (outcome: string) =>
        finish(outcome).catch((error: unknown) => {
          context.error(
            `outcome ${outcome} of ${endpoint.name} is not in the audit log: ${messageOf(error)}`,
          );
        });
      try {
        const response = await endpoint.handle(call);
        await end(String(response.status ?? 200));
        return response;
      } catch (error) {
        await end(error instanceof AppError ? error.code : "internal");
        throw error;
      }
    },
  };
}
