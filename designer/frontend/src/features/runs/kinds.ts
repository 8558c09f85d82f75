/** How a run came about, in a word; nothing for what comes in by itself. */

import { t } from "./en";

const WORDS: Record<string, string> = {
  test: t("runs.kind.test"),
  replay: t("runs.kind.replay"),
  manual: t("runs.kind.manual"),
  backfill: t("runs.kind.backfill"),
  item: t("runs.kind.item"),
  call: t("runs.kind.call"),
};

export function kindWord(kind: string): string | null {
  return kind === "live" ? null : (WORDS[kind] ?? kind);
}
