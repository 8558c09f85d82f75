import { ActionIcon, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { t } from "./en";
import classes from "./forms.module.css";

interface NumberedRowProps {
  name: string;
  readOnly: boolean;
  onRemove: () => void;
  children: ReactNode;
}

/** One of several rows of fields, with its number and a way to remove it. */
export function NumberedRow({ name, readOnly, onRemove, children }: NumberedRowProps) {
  return (
    <fieldset className={classes.rule} aria-label={name}>
      <div className={classes.rowHead}>
        <Text size="xs" fw={600} c="dimmed">
          {name}
        </Text>
        <ActionIcon
          size="sm"
          aria-label={t("remove", { what: name })}
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
