import type { Deployed } from "../../evaluate/world.ts";
import type { Shape } from "../../shapes.ts";
import { at, type Around, eachDeployed, made, missing, type Place, type Rule, textAt } from "./rule.ts";
import { type RoleCall, roleCalls, roleIds } from "./role-calls.ts";

const assignments = (shape: Shape) => made(shape, "Microsoft.Authorization/roleAssignments");

/** Rights that could give themselves more, or read and change what no code of ours does. */
const broad: Record<string, string> = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
  "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
  "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
  "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
  "17d1049b-9a84-46fb-8f53-869881c3d3ab": "Storage Account Contributor",
  "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
  "a001fd3d-188f-4b5d-821b-7da978bf7442": "Cognitive Services OpenAI Contributor",
  "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68": "Cognitive Services Contributor",
};

const isBroad = (assignment: Deployed) => Object.values(broad).includes(roleOf(assignment));

function roleOf(assignment: Deployed): string {
  const id = textAt(assignment.body, "properties.roleDefinitionId").split("/").at(-1) ?? "";
  return Object.entries(roleIds).find(([, known]) => known === id)?.[0] ?? broad[id] ?? id;
}

/** `containers/images` of a container's id; the type of anything else. */
function onWhat(assignment: Deployed): string {
  const parts = assignment.scope.split("/");
  const inside = parts.at(-2) ?? "";
  if (inside === "containers" || inside === "tables") return parts.slice(-2).join("/");
  return parts.slice(-3, -1).join("/");
}

function rightOf(assignment: Deployed): string {
  const principal = textAt(assignment.body, "properties.principalId");
  const holder = /^\{(host|data|topic)\./.exec(principal)?.[1] ?? principal;
  return `${holder} is ${roleOf(assignment)} on ${onWhat(assignment)}`;
}

const told = ({ holder, role, on }: RoleCall) => `${holder} is ${role} on ${on}`;

function assigned(around: Around, check: (assignment: Deployed) => string | undefined): Place[] {
  return eachDeployed(around, assignments, (assignment) => {
    const message = check(assignment);
    return message === undefined ? [] : [at(assignment, "properties", message)];
  });
}

export const roleRules: Rule[] = [
  {
    name: "no-right-without-call",
    why: "A right that nothing needs is there for the one who breaks in.",
    source: "scripts/infra/check/policy/role-calls.ts",
    check: (around) =>
      around.shapes.flatMap((shape) =>
        assignments(shape)
          .filter((each) => /^(host|data|topic) /.test(rightOf(each)) && each.scope.includes("/providers/"))
          .filter((each) => !isBroad(each))
          .filter((each) => !roleCalls.some((call) => told(call) === rightOf(each)))
          .map((each) => at(each, "properties", `No call is known that needs this: ${rightOf(each)}.`)),
      ),
  },
  {
    name: "no-call-without-right",
    why: "A call that lacks its right fails when it is first made, which may be weeks after deployment.",
    source: "scripts/infra/check/policy/role-calls.ts",
    check: (around) =>
      around.shapes.flatMap((shape) => {
        const given = assignments(shape).map(rightOf);
        return roleCalls
          .filter(({ backend }) => backend === undefined || shape.usesScheduler)
          .filter((call) => !given.includes(told(call)))
          .map((call) => missing(`${call.by} needs that ${told(call)}.`, "infra/modules/roles.bicep"));
      }),
  },
  {
    name: "calls-exist",
    why: "A table of calls that are no longer made would go on to justify their rights.",
    source: "scripts/infra/check/policy/role-calls.ts",
    check: ({ tree }) =>
      roleCalls
        .filter(({ by, call }) => !(tree.get(by) ?? "").includes(call))
        .map(({ by, call, role }) =>
          missing(`${by} no longer holds ${call}, for which ${role} is given.`, by),
        ),
  },
  {
    name: "no-broad-roles",
    why: "Owner and its kin open everything; what the app does has narrower roles, all of them.",
    source: "Azure, built-in roles",
    check: (around) =>
      assigned(around, (each) =>
        isBroad(each) ? `${roleOf(each)} is far more than any call needs.` : undefined,
      ),
  },
  {
    name: "roles-on-resources",
    why: "On a group or a subscription a right covers what is put there later.",
    source: "Azure role-based access control, scope",
    check: (around) =>
      assigned(around, (each) =>
        each.scope.includes("/providers/") ? undefined : "A role must be on one resource.",
      ),
  },
  {
    name: "roles-to-identities",
    why: "A principal written down is one tenant's, or a person who leaves.",
    source: "Azure role-based access control, best practices",
    check: (around) =>
      assigned(around, (each) =>
        /^\{\w+\.outputs\./.test(textAt(each.body, "properties.principalId"))
          ? undefined
          : "A role must go to an identity that is made here.",
      ),
  },
  {
    name: "roles-say-what-for",
    why: "Without it, Azure looks the principal up, and a new identity isn't found in time.",
    source: "Azure role-based access control, principalType",
    check: (around) =>
      assigned(around, (each) =>
        textAt(each.body, "properties.principalType") === "ServicePrincipal"
          ? undefined
          : "The principal's type must be said.",
      ),
  },
  {
    name: "role-names-repeat",
    why: "A name that is new every time makes the second deployment fail: the same right exists.",
    source: "Bicep, create role assignments",
    check: (around) =>
      assigned(around, (each) =>
        /^guid\(.+,.+,.+\)$/.test(each.name)
          ? undefined
          : "The name must be a guid() of scope, principal and role.",
      ),
  },
];
