/** A port with some of its methods replaced; the others are its own, whatever it is made of. */
export function around<P extends object>(port: P, replaced: Partial<P>): P {
  return new Proxy(port, {
    get(target, name) {
      if (Object.hasOwn(replaced, name)) return replaced[name as keyof P];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
