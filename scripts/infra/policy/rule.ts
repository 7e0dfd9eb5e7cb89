import type { Deployment, Json, Resource } from "../deployments.ts";
import type { Tree } from "../tree.ts";

/** What rules look at: what is deployed in each shape, and the texts of the repository. */
export interface World {
  deployments: Deployment[];
  tree: Tree;
}

/** Something that must be so, why, and who says it. A rule has one reason to speak; its defect is in test/fixtures/infra. */
export interface Rule {
  name: string;
  why: string;
  source: string;
  /** What is wrong, in words; nothing where all is well. */
  check: (world: World) => string[];
}

export const rule = (name: string, why: string, source: string, check: Rule["check"]): Rule => ({
  name,
  why,
  source,
  check,
});

export const isRecord = (value: unknown): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands at `properties.siteConfig.cors`; undefined where nothing does. */
export function valueAt(value: unknown, path: string): Json | undefined {
  return path
    .split(".")
    .reduce<unknown>((inner, step) => (isRecord(inner) ? inner[step] : undefined), value) as Json | undefined;
}

export function listAt(value: unknown, path: string): Json[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}

export function textAt(value: unknown, path: string): string {
  const found = valueAt(value, path);
  return found === undefined || found === null
    ? ""
    : typeof found === "string"
      ? found
      : JSON.stringify(found);
}

/** A text as it is, and nothing of anything else. */
export const asText = (value: Json | undefined) => (typeof value === "string" ? value : "");

export const made = ({ predictedResources }: Deployment, type: string) =>
  predictedResources.filter((each) => each.type === type);

/** The last part of a name: `images` of `account/default/images`. */
export const lastName = ({ name }: Resource) => name.split("/").at(-1) ?? "";

export const mainOf = ({ deployments }: World) => deployments.filter(({ isMain }) => isMain);
export const whenPrivate = ({ isPrivate }: Deployment) => isPrivate;
export const textOf = ({ tree }: World, path: string) => tree.get(path) ?? "";

/** What is wrong with each deployment of main.bicep. */
export function inEach(
  check: (deployment: Deployment, world: World) => string[],
  when: (deployment: Deployment) => boolean = () => true,
): Rule["check"] {
  return (world) =>
    mainOf(world)
      .filter(when)
      .flatMap((deployment) =>
        check(deployment, world).map((complaint) => `${deployment.name}: ${complaint}`),
      );
}

/** What is wrong with each resource of a type, which every deployment of main.bicep must have. */
export function eachOf(
  type: string,
  check: (resource: Resource, deployment: Deployment, world: World) => string[],
  when?: (deployment: Deployment) => boolean,
): Rule["check"] {
  return inEach((deployment, world) => {
    const found = made(deployment, type);
    if (found.length === 0) return [`no ${type} is deployed`];
    return found.flatMap((each) =>
      check(each, deployment, world).map((complaint) => `${type} ${lastName(each)}: ${complaint}`),
    );
  }, when);
}

type Wanted = Json | ((value: Json | undefined, resource: Resource) => boolean);

/** Every resource of a type has a value that will do. */
export function must(
  type: string,
  path: string,
  wanted: Wanted,
  when?: (deployment: Deployment) => boolean,
): Rule["check"] {
  return eachOf(
    type,
    (resource) => {
      const value = valueAt(resource, path);
      const fits = typeof wanted === "function" ? wanted(value, resource) : value === wanted;
      return fits ? [] : [`${path} is ${JSON.stringify(value)}`];
    },
    when,
  );
}
