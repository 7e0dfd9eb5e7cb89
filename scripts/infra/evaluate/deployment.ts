import type { BicepFile, Expression, Module, Resource } from "../bicep/syntax.ts";
import { groupScope, resourceId, subscriptionScope } from "./azure-functions.ts";
import { evaluate, loopRounds, type Names } from "./expressions.ts";
import { functionsOf } from "./functions.ts";
import { asText, EvaluationFault, isRecord, Reference, Unknown, type Value } from "./values.ts";
import { beside, linesOf, type World } from "./world.ts";

/** One template with its parameters, at its scope. */
export class Deployment {
  readonly file: BicepFile;
  readonly scope: string;
  readonly #world: World;
  readonly #given: { [key: string]: Value };
  readonly #path: string;
  readonly #known = new Map<string, Value>();
  readonly #underway = new Set<string>();
  readonly #names: Names;

  constructor(world: World, file: BicepFile, given: { [key: string]: Value }, scope: string, path: string) {
    this.#world = world;
    this.file = file;
    this.#given = given;
    this.scope = scope;
    this.#path = path;
    this.#names = {
      find: (name) => this.find(name),
      call: functionsOf(world, file, scope, () => this.#names),
    };
  }

  /** Walks every resource, module and output once; variables as far as those ask for them. */
  run(): void {
    for (const { name } of [...this.file.resources, ...this.file.modules])
      this.#guarded(() => this.find(name));
    for (const { name } of this.file.outputs) this.#guarded(() => this.output(name));
  }

  output(name: string): Value | undefined {
    const output = this.file.outputs.find((each) => each.name === name);
    return output && this.#once(`output ${name}`, output.line, () => evaluate(output.value, this.#names));
  }

  /** Parameters, variables, resources and modules share one set of names. */
  find(name: string): Value | undefined {
    const { file } = this;
    const parameter = file.parameters.find((each) => each.name === name);
    if (parameter) {
      return this.#once(name, parameter.line, () =>
        Object.hasOwn(this.#given, name)
          ? (this.#given[name] ?? null)
          : parameter.value
            ? evaluate(parameter.value, this.#names)
            : parameter.type.kind === "nullable"
              ? null
              : new Unknown(name),
      );
    }
    const variable = file.variables.find((each) => each.name === name);
    if (variable) return this.#once(name, variable.line, () => evaluate(variable.value, this.#names));
    const resource = file.resources.find((each) => each.name === name);
    if (resource) return this.#once(name, resource.line, () => this.#resource(resource, undefined));
    const module = file.modules.find((each) => each.name === name);
    if (module) return this.#once(name, module.line, () => this.#module(module));
    return this.#imported(name);
  }

  #once(key: string, line: number, make: () => Value): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#underway.has(key)) throw new EvaluationFault(line, `"${key}" needs itself.`);
    this.#underway.add(key);
    try {
      const made = this.#guarded(make);
      const value = made === undefined ? new Unknown(key) : made;
      this.#known.set(key, value);
      return value;
    } finally {
      this.#underway.delete(key);
    }
  }

  #guarded<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (fault) {
      if (!(fault instanceof EvaluationFault)) throw fault;
      this.#world.report(this.file.path, fault);
      return undefined;
    }
  }

  #imported(name: string): Value | undefined {
    for (const { names, all, from } of this.file.imports) {
      const wanted = names.find(({ as }) => as === name)?.name;
      if (wanted === undefined && all !== name) continue;
      const file = this.#world.file(beside(this.file.path, from));
      const other = file && new Deployment(this.#world, file, {}, this.scope, this.#path);
      return wanted === undefined
        ? new Reference(from, false, (property) => other?.find(property))
        : other?.find(wanted);
    }
    return undefined;
  }

  #resource(resource: Resource, parent: Reference | undefined): Value {
    return this.#rounds(resource.body, this.#names, (body, names, absent) => {
      const lines = linesOf(body);
      const values = absent ? {} : this.#record(body, names);
      const scope = values["scope"] === undefined ? this.scope : scopeOf(values["scope"]);
      const above = parent ?? (values["parent"] instanceof Reference ? values["parent"] : undefined);
      const name = asText(values["name"]);
      const type = parent ? `${typeOf(parent.id)}/${resource.type}` : resource.type;
      const id = above
        ? `${above.id}/${type.split("/").at(-1) ?? ""}/${name}`
        : type === "Microsoft.Resources/resourceGroups"
          ? groupScope(name)
          : resourceId(scope, type, name.split("/"));
      const path = `${this.#path}${resource.name}`;
      if (!absent) {
        const { path: file } = this.file;
        const { apiVersion: version, existing, line } = resource;
        const body = Object.fromEntries(Object.entries(values).filter(([key]) => key !== "name"));
        this.#world.deployed.push({
          kind: "resource",
          type,
          version,
          name,
          id,
          scope,
          path,
          file,
          line,
          existing,
          body,
          lines,
        });
      }
      const reference: Reference = new Reference(
        id,
        absent,
        (property) => {
          if (property === "id") return id;
          if (property === "name") return name.split("/").at(-1) ?? name;
          if (property === "type") return type;
          return property === "properties"
            ? new Unknown(`${resource.name}.properties`)
            : (values[property] ?? new Unknown(`${resource.name}.${property}`));
        },
        (child) => {
          const declared = resource.children.find((each) => each.name === child);
          return (
            declared &&
            this.#once(`${path}::${child}`, declared.line, () => this.#resource(declared, reference))
          );
        },
      );
      if (!absent)
        for (const child of resource.children)
          this.#once(`${path}::${child.name}`, child.line, () => this.#resource(child, reference));
      return reference;
    });
  }

  #module(module: Module): Value {
    const path = `${this.#path}${module.name}`;
    return this.#rounds(module.body, this.#names, (body, names, absent) => {
      if (absent) return new Reference(path, true, () => undefined);
      const values = this.#record(body, names);
      const given = isRecord(values["params"]) ? values["params"] : {};
      const at = values["scope"];
      const scope = at === undefined ? this.scope : scopeOf(at);
      const lines = linesOf(body, "params");
      return module.source.startsWith("br")
        ? this.#published(module, given, scope, path, lines)
        : this.#local(module, given, scope, path, lines);
    });
  }

  #published(
    { source, line, name: symbol }: Module,
    given: { [key: string]: Value },
    scope: string,
    path: string,
    lines: ReadonlyMap<string, number>,
  ): Reference {
    const at = source.lastIndexOf(":");
    const [type, version] = [source.slice(0, at), source.slice(at + 1)];
    const name = asText(given["name"]);
    const id = `{${symbol}.outputs.resourceId}`;
    const { path: file } = this.file;
    this.#world.deployed.push({
      kind: "module",
      type,
      version,
      name,
      id,
      scope,
      path,
      file,
      line,
      existing: false,
      body: given,
      lines,
    });
    const outputs = this.#world.outputsOf(source);
    const output = (property: string) =>
      outputs && !outputs.includes(property)
        ? undefined
        : property === "name" && name !== ""
          ? name
          : new Unknown(`${symbol}.outputs.${property}`);
    return new Reference(id, false, (property) =>
      property === "outputs" ? new Reference(id, false, output) : new Unknown(`${symbol}.${property}`),
    );
  }

  #local(
    { source, line }: Module,
    given: { [key: string]: Value },
    scope: string,
    path: string,
    lines: ReadonlyMap<string, number>,
  ): Reference {
    const callee = this.#world.file(beside(this.file.path, source));
    if (!callee) throw new EvaluationFault(line, `There is no template ${source}.`, "file");
    this.#world.called({ caller: this.file.path, line, callee, given, lines });
    const wanted = callee.targetScope ?? "resourceGroup";
    const is = scope === subscriptionScope ? "subscription" : "resourceGroup";
    if (wanted !== is)
      throw new EvaluationFault(line, `${source} is for a ${wanted}, and deployed to a ${is}.`, "scope");
    const inner = new Deployment(this.#world, callee, given, scope, `${path}/`);
    inner.run();
    return new Reference(path, false, (property) =>
      property === "outputs"
        ? new Reference(path, false, (name) => inner.output(name))
        : new Unknown(`${path}.${property}`),
    );
  }

  /** What `make` gives for the body as it stands, or for every round of its loop. */
  #rounds(
    body: Expression,
    names: Names,
    make: (body: Expression, names: Names, absent: boolean) => Value,
  ): Value {
    if (body.kind === "loop")
      return loopRounds(body, names).map((round) => this.#rounds(body.body, round, make));
    if (body.kind !== "if") return make(body, names, false);
    const condition = evaluate(body.condition, names);
    return make(body.body, names, condition === false || condition === null);
  }

  #record(body: Expression, names: Names): { [key: string]: Value } {
    const value = evaluate(body, names);
    return isRecord(value) ? value : {};
  }
}

function scopeOf(value: Value): string {
  return asText(isRecord(value) ? value["id"] : value);
}

function typeOf(id: string): string {
  const [provider = "", ...rest] = id.slice(id.lastIndexOf("/providers/") + "/providers/".length).split("/");
  return [provider, ...rest.filter((_, at) => at % 2 === 0)].join("/");
}
