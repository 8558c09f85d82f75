/** Copies rules of a place and pastes them at another, by keys or from the menu. */

import { useMemo } from "react";
import { putCopied, takeCopied } from "./clipboard";
import { t } from "./en";
import { copyRules, pasteRules } from "./reuse";
import type { MapperStore } from "./useMapper";

type CopyingStore = Pick<MapperStore, "doc" | "change" | "reveal" | "say">;

export function useCopying({ doc, change, reveal, say }: CopyingStore) {
  return useMemo(
    () => ({
      copy: (place: string): boolean => {
        const copied = copyRules(doc, place);
        if (!copied) return false;
        putCopied(copied);
        say(t("copy.done", { count: copied.rules.length }));
        return true;
      },
      paste: async (place: string): Promise<void> => {
        const copied = await takeCopied();
        if (!copied) {
          say(t("copy.none"));
          return;
        }
        change(pasteRules(doc, copied, place));
        reveal("target", `${place}.x`);
        say(t("copy.pasted", { count: copied.rules.length }));
      },
    }),
    [doc, change, reveal, say],
  );
}
