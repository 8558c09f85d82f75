/** Which parts of the palette are open, kept for this person's browser. */

import { useCallback, useState } from "react";

const KEY = "causeway.palette.turned";

/** Keys of parts that are not as they are at first. */
function kept(): Set<string> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(found) ? found.filter((key) => typeof key === "string") : []);
  } catch {
    return new Set();
  }
}

export interface Folding {
  /** Whether a part is open; ``atFirst`` is what it is before anybody touched it. */
  open: (key: string, atFirst: boolean) => boolean;
  turn: (key: string) => void;
}

export function useFolding(): Folding {
  const [turned, setTurned] = useState(kept);
  const turn = useCallback((key: string) => {
    setTurned((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      try {
        localStorage.setItem(KEY, JSON.stringify([...next]));
      } catch {
        // A browser that keeps nothing shows everything as at first next time.
      }
      return next;
    });
  }, []);
  return { open: (key, atFirst) => turned.has(key) !== atFirst, turn };
}
