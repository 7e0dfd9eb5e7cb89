import { Component, type ComponentChild, type FunctionComponent } from "preact";
import { useCallback, useRef } from "preact/hooks";

/** A part that is drawn anew only when something that it is given has changed: a sheet may have hundreds of strips. */
export function memo<Props extends object>(Part: FunctionComponent<Props>) {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const names = Object.keys({ ...this.props, ...next }) as (keyof Props)[];
      return names.some((name) => next[name] !== this.props[name]);
    }
    override render(): ComponentChild {
      return <Part {...this.props} />;
    }
  };
}

/** One function for as long as its part is shown, which does what was given last. */
export function useEvent<Given extends unknown[]>(act: (...given: Given) => void) {
  const latest = useRef(act);
  latest.current = act;
  return useCallback((...given: Given) => latest.current(...given), []);
}
