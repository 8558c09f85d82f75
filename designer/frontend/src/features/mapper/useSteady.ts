import { useRef, useState } from "react";

type Functions = Record<string, (...given: never[]) => unknown>;

/**
 * Functions that stay the same ones and always do what the newest do, so that rows which only call
 * them need not be drawn anew.
 */
export function useSteady<T extends Functions>(newest: T): T {
  const held = useRef<Functions>(newest);
  held.current = newest;
  const [steady] = useState(
    () =>
      Object.fromEntries(
        Object.keys(newest).map((name) => [
          name,
          (...given: never[]) => held.current[name]?.(...given),
        ]),
      ) as T,
  );
  return steady;
}
