import { ActionIcon } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { t } from "./en";
import { RowFrame } from "./RowFrame";

interface MovableRowProps {
  /** What people call the entry. */
  label: string;
  index: number;
  count: number;
  readOnly: boolean;
  /** Stands before the buttons: most often its name. */
  head: ReactNode;
  onMove: (by: number) => void;
  onRemove: () => void;
  children: ReactNode;
}

/** One entry of a list that people put in order: up, down, away. */
export function MovableRow(props: MovableRowProps) {
  const { label, index, count, readOnly, head, onMove, onRemove, children } = props;
  return (
    <RowFrame
      label={label}
      readOnly={readOnly}
      onRemove={onRemove}
      head={
        <>
          {head}
          <ActionIcon
            size="sm"
            aria-label={t("up", { what: label })}
            disabled={readOnly || index === 0}
            onClick={() => onMove(-1)}
          >
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon
            size="sm"
            aria-label={t("down", { what: label })}
            disabled={readOnly || index === count - 1}
            onClick={() => onMove(1)}
          >
            <IconArrowDown size={14} />
          </ActionIcon>
        </>
      }
    >
      {children}
    </RowFrame>
  );
}

/** The list with one entry some places further. */
export function moved<T>(list: readonly T[], index: number, by: number): T[] {
  const next = [...list];
  const [entry] = next.splice(index, 1);
  if (entry !== undefined) next.splice(index + by, 0, entry);
  return next;
}
