import type { Storage } from "./retention.ts";

const asking = /^(create|delete|exists|upload|download|get(Entity|Properties)|update|upsert|submit)/;

/**
 * The same storage, where something else happens just before the request of the given number. `asked` counts requests, so
 * that a test can go through all of them.
 */
export function interruptedStorage(
  { blobs, tables }: Storage,
  at: number,
  interrupt: () => Promise<unknown>,
): Storage & { asked: () => number } {
  let count = 0;
  const step = async (): Promise<void> => {
    count += 1;
    if (count - 1 === at) await interrupt();
  };
  async function* later<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
    await step();
    yield* pages;
  }
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const ask = (): unknown => Reflect.apply(value, target, args);
          if (/^get(Container|Blob|BlockBlob)Client$/.test(String(name))) return wrap(ask() as object);
          if (asking.test(String(name))) return step().then(ask);
          if (!String(name).startsWith("list")) return ask();
          const found = ask() as AsyncIterable<unknown> & {
            byPage: (settings?: object) => AsyncIterable<unknown>;
          };
          return Object.assign(later(found), {
            byPage: (settings?: object) => later(found.byPage(settings)),
          });
        };
      },
    });
  const { jobs, slots, deliveries } = tables;
  return {
    blobs: wrap(blobs),
    tables: { ...tables, jobs: wrap(jobs), slots: wrap(slots), deliveries: wrap(deliveries) },
    asked: () => count,
  };
}
