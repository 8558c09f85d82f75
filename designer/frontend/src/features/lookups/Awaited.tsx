import { Button } from "@mantine/core";
import { IconHourglass } from "@tabler/icons-react";
import { Notice } from "@/shared/ui/Notice";
import { t } from "./en";
import classes from "./lookups.module.css";
import type { AwaitedKey } from "./queries";

interface AwaitedProps {
  keys: AwaitedKey[];
  /** Adds a row for a key; left out where the person may not, or the key has several parts. */
  onAdd: ((key: string) => void) | undefined;
}

const SHOWN = 8;

/** Keys that records wait for: adding them lets those records go on. */
export function Awaited({ keys, onAdd }: AwaitedProps) {
  if (keys.length === 0) return null;
  const records = keys.reduce((sum, each) => sum + each.records, 0);
  return (
    <div className={classes.notice}>
      <Notice
        tone="amber"
        icon={<IconHourglass size={18} />}
        title={t("awaited.title", { count: records })}
      >
        {t("awaited.text")}
        <ul className={classes.awaited} aria-label={t("awaited.label")}>
          {keys.slice(0, SHOWN).map(({ key, records: count }) => (
            <li key={key}>
              <b>{key}</b>
              <span>{t("awaited.records", { count })}</span>
              {onAdd && (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={t("awaited.add.of", { key })}
                  onClick={() => onAdd(key)}
                >
                  {t("awaited.add")}
                </Button>
              )}
            </li>
          ))}
        </ul>
        {keys.length > SHOWN && t("awaited.more", { count: keys.length - SHOWN })}
      </Notice>
    </div>
  );
}
