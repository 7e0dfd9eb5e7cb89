import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "../../../scripts/connector/json.ts";
import type { CallbackAddress, CallbackListener, NotNow } from "./callback-listener.ts";
import { type Action, Course, type Outcome, type WorkflowEngine } from "./engine.ts";
import { judgeCallback } from "./judge.ts";
import { type Inputs, notificationField } from "./requests.ts";

export interface WaitingAction extends Omit<Action, "callbackUrl"> {
  /** What the first callbacks are answered, before one is taken. */
  answers?: NotNow[];
  /** How often the engine asks to be called back at the same address: once, and again as engines do. */
  subscriptions?: number;
}

export interface Awaited {
  /** The callback's body, which is the action's output; undefined when there was none. */
  output: Json | undefined;
  isTimedOut: boolean;
  subscribed: Outcome[];
  /** Where it was told to end the subscription; undefined when it was refused. */
  location: string | undefined;
  address: CallbackAddress;
}

/** The webhooks of workflows: actions that wait for one callback, and triggers that are called again and again. */
export class Webhooks {
  readonly #engine: WorkflowEngine;
  readonly #listener: () => CallbackListener;

  constructor(engine: WorkflowEngine, listener: () => CallbackListener) {
    this.#engine = engine;
    this.#listener = listener;
  }

  /** Runs an action to its callback, or until the workflow's own time limit; both end its subscription. */
  async act(operationId: string, inputs: Inputs, waiting: WaitingAction = {}): Promise<Awaited> {
    const { answers = [], subscriptions = 1, timeoutMs, ...action } = waiting;
    const { run = this.#engine.newRun() } = action;
    const address = this.open(operationId, answers);
    const subscribed: Outcome[] = [];
    for (let times = 0; times < subscriptions; times += 1)
      subscribed.push(
        await this.#engine.act(operationId, inputs, { ...action, run, callbackUrl: address.url }),
      );
    const location = subscribed.at(-1)?.headers.get("location") ?? undefined;
    if (subscribed.at(-1)?.status !== 201 || location === undefined)
      return { output: undefined, isTimedOut: false, subscribed, location: undefined, address };
    const late = Symbol("late");
    const called = await Promise.race([
      address.next(),
      ...(timeoutMs === undefined ? [] : [sleep(timeoutMs, late, { ref: false })]),
    ]);
    const isTimedOut = called === late;
    await this.unsubscribe(location);
    return { output: isTimedOut ? undefined : (called as Json), isTimedOut, subscribed, location, address };
  }

  /** Turns a workflow on that is started by callbacks. */
  async turnOn(operationId: string, inputs: Inputs, answers: NotNow[] = []): Promise<WebhookTrigger> {
    const trigger = new WebhookTrigger(this.#engine, this, operationId, this.open(operationId, answers));
    await trigger.save(inputs);
    return trigger;
  }

  /** Where an operation may call back; what comes there is held against the definition. */
  open(operationId: string, answers: NotNow[] = []): CallbackAddress {
    const { definition } = this.#engine.connection;
    const operation = definition.operation(operationId);
    if (notificationField(definition, operation) === undefined)
      throw new Error(`${operationId} calls nobody back.`);
    return this.#listener().open((callback) => judgeCallback(definition, operation, callback), answers);
  }

  /** DELETE to where the subscription led, without a key. */
  async unsubscribe(location: string): Promise<number> {
    const { status } = await new Course().try(() => this.#engine.connection.follow(location, "delete"));
    return status;
  }
}

export class WebhookTrigger {
  readonly address: CallbackAddress;
  /** Where the last subscription led. */
  location = "";
  readonly #engine: WorkflowEngine;
  readonly #webhooks: Webhooks;
  readonly #operationId: string;

  constructor(engine: WorkflowEngine, webhooks: Webhooks, operationId: string, address: CallbackAddress) {
    this.#engine = engine;
    this.#webhooks = webhooks;
    this.#operationId = operationId;
    this.address = address;
  }

  /** A workflow that is saved subscribes once more, at the same address. */
  async save(inputs: Inputs): Promise<void> {
    const { status, headers } = await this.#engine.act(this.#operationId, inputs, {
      callbackUrl: this.address.url,
    });
    if (status !== 201) throw new Error(`${this.#operationId}: ${status}`);
    this.location = headers.get("location") ?? "";
  }

  /** Bodies that runs were started with. */
  get runs(): unknown[] {
    return this.address.taken;
  }

  async turnOff(): Promise<number> {
    return this.#webhooks.unsubscribe(this.location);
  }
}
