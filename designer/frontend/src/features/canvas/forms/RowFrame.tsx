import { ActionIcon, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { t } from "./en";
import classes from "./forms.module.css";

interface RowFrameProps {
  /** What people call the row. */
  label: string;
  readOnly: boolean;
  onRemove: () => void;
  /** Stands before the button that removes the row; its name where nothing is given. */
  head?: ReactNode;
  children: ReactNode;
}

/** One of several rows of fields, with a way to remove it. */
export function RowFrame({ label, readOnly, onRemove, head, children }: RowFrameProps) {
  return (
    <fieldset className={classes.rule} aria-label={label}>
      <div className={classes.rowHead}>
        {head ?? (
          <Text size="xs" fw={600} c="dimmed">
            {label}
          </Text>
        )}
        <ActionIcon
          size="sm"
          aria-label={t("remove", { what: label })}
          disabled={readOnly}
          onClick={onRemove}
        >
          <IconTrash size={14} />
        </ActionIcon>
      </div>
      {children}
    </fieldset>
  );
}
