import { UnstyledButton } from "@mantine/core";
import type { RunPage, RunStatus } from "@/api/types";
import { formatNumber } from "@/shared/time";
import { statusLook } from "@/shared/ui";
import { t } from "./en";
import { RUN_STATUSES } from "./model";
import classes from "./StatusFilter.module.css";

interface StatusFilterProps {
  counts: RunPage["counts"];
  value: RunStatus | undefined;
  onChange: (status: RunStatus | undefined) => void;
}

/** These are always offered; the others only while there is such a run. */
const ALWAYS: readonly RunStatus[] = ["running", "succeeded", "failed"];

/** One chip per status with its ticking count; the chosen one filters the list. */
export function StatusFilter({ counts, value, onChange }: StatusFilterProps) {
  const total = RUN_STATUSES.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
  const shown = RUN_STATUSES.filter(
    (status) => ALWAYS.includes(status) || counts[status] || status === value,
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and need a legend
    <div role="group" aria-label={t("runs.filter.status")} className={classes.chips}>
      <Chip
        word={t("runs.filter.all")}
        count={total}
        on={value === undefined}
        onClick={() => onChange(undefined)}
      />
      {shown.map((status) => {
        const { icon: Icon, word, tone } = statusLook(status);
        return (
          <Chip
            key={status}
            icon={<Icon size={14} stroke={2} aria-hidden style={{ color: `var(--cw-${tone})` }} />}
            word={word}
            count={counts[status] ?? 0}
            on={value === status}
            onClick={() => onChange(value === status ? undefined : status)}
          />
        );
      })}
    </div>
  );
}

interface ChipProps {
  icon?: React.ReactNode;
  word: string;
  count: number;
  on: boolean;
  onClick: () => void;
}

function Chip({ icon, word, count, on, onClick }: ChipProps) {
  return (
    <UnstyledButton
      className={classes.chip}
      aria-pressed={on}
      data-on={on || undefined}
      onClick={onClick}
    >
      {icon}
      <span>{word}</span>
      <span className={classes.count}>{formatNumber(count)}</span>
    </UnstyledButton>
  );
}
