import type { Deployment, Resource } from "../deployments.ts";
import { holderOf } from "./app.ts";
import { type RoleCall, roleCalls, roleIds } from "./role-calls.ts";
import { inEach, made, rule, type Rule, textAt, textOf } from "./rule.ts";

const assignmentsOf = (deployment: Deployment) => made(deployment, "Microsoft.Authorization/roleAssignments");

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

const principalOf = ({ properties }: Resource) => textAt(properties, "principalId");
const isBroad = (assignment: Resource) => Object.values(broad).includes(roleOf(assignment));

/** Id of the resource that it is on; nothing where it is on a group or a subscription. */
function scopeOf({ id }: Resource): string {
  const [, extended] = /^\[extensionResourceId\('([^']+)'/.exec(id) ?? [];
  if (extended !== undefined) return extended.includes("/providers/") ? extended : "";
  // `resourceId()` of an assignment is on the group, whatever its name is made of.
  const [scope = ""] = id.startsWith("[") ? [] : id.split("/providers/Microsoft.Authorization/");
  return scope.includes("/providers/") ? scope : "";
}

function roleOf({ properties }: Resource): string {
  const id = textAt(properties, "roleDefinitionId").split("/").at(-1) ?? "";
  return Object.entries(roleIds).find(([, known]) => known === id)?.[0] ?? broad[id] ?? id;
}

/** `containers/images` of a container's id; the type of anything else. */
function onWhat(assignment: Resource): string {
  const parts = scopeOf(assignment).split("/");
  return parts.at(-2) === "containers" ? parts.slice(-2).join("/") : parts.slice(-3, -1).join("/");
}

const rightOf = (assignment: Resource) =>
  `${holderOf(principalOf(assignment)) ?? "somebody"} is ${roleOf(assignment)} on ${onWhat(assignment)}`;

const described = ({ holder, role, on }: RoleCall) => `${holder} is ${role} on ${on}`;

const eachAssignment = (message: string, fits: (assignment: Resource) => boolean) =>
  inEach((deployment) =>
    assignmentsOf(deployment)
      .filter((each) => !fits(each))
      .map((each) => `${rightOf(each)}: ${message}`),
  );

export const roleRules: Rule[] = [
  rule(
    "no-right-without-call",
    "A right that nothing needs is there for the one who breaks in.",
    "scripts/infra/policy/role-calls.ts",
    eachAssignment(
      "no call is known that needs this",
      (each) =>
        scopeOf(each) === "" ||
        holderOf(principalOf(each)) === undefined ||
        isBroad(each) ||
        roleCalls.some((call) => described(call) === rightOf(each)),
    ),
  ),
  rule(
    "no-call-without-right",
    "A call that lacks its right fails when it is first made, which may be weeks after deployment.",
    "scripts/infra/policy/role-calls.ts",
    inEach((deployment) => {
      const given = assignmentsOf(deployment).map(rightOf);
      return roleCalls
        .filter(({ backend }) => backend === undefined || deployment.usesScheduler)
        .filter((call) => !given.includes(described(call)))
        .map((call) => `${call.by} needs that ${described(call)}`);
    }),
  ),
  rule(
    "calls-exist",
    "A table of calls that are no longer made would go on to justify their rights.",
    "scripts/infra/policy/role-calls.ts",
    (world) =>
      roleCalls
        .filter(({ by, call }) => !textOf(world, by).includes(call))
        .map(({ by, call, role }) => `${by} no longer holds ${call}, for which ${role} is given`),
  ),
  rule(
    "no-broad-roles",
    "Owner and its kin open everything; what the app does has narrower roles, all of them.",
    "Azure, built-in roles",
    eachAssignment("is far more than any call needs", (each) => !isBroad(each)),
  ),
  rule(
    "roles-on-resources",
    "On a group or a subscription a right covers what is put there later.",
    "Azure role-based access control, scope",
    eachAssignment("a role must be on one resource", (each) => scopeOf(each) !== ""),
  ),
  rule(
    "roles-to-identities",
    "A principal written down is one tenant's, or a person who leaves.",
    "Azure role-based access control, best practices",
    eachAssignment(
      "a role must go to an identity that is made here",
      (each) => holderOf(principalOf(each)) !== undefined,
    ),
  ),
  rule(
    "roles-say-what-for",
    "Without it, Azure looks the principal up, and a new identity isn't found in time.",
    "Azure role-based access control, principalType",
    eachAssignment(
      "the principal's type must be said",
      ({ properties }) => textAt(properties, "principalType") === "ServicePrincipal",
    ),
  ),
  rule(
    "role-names-repeat",
    "A name that is new every time makes the second deployment fail: the same right exists.",
    "Bicep, create role assignments",
    // Worked out already where it names nothing that only Azure knows.
    eachAssignment("the name must be a guid() of scope, principal and role", ({ name }) =>
      /^(\[guid\(.+,.+,.+\)\]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(name),
    ),
  ),
];
