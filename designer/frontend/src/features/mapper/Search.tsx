import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { t } from "./en";
import classes from "./Stage.module.css";

/** The search over a tree; Enter or the arrow down goes to the best of what it found. */
export function Search({
  label,
  value,
  onChange,
  onEnter,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onEnter: () => void;
}) {
  return (
    <TextInput
      size="xs"
      className={classes.search}
      aria-label={label}
      placeholder={label}
      value={value}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        value ? (
          <CloseButton size="xs" aria-label={t("source.clear")} onClick={() => onChange("")} />
        ) : null
      }
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && value) {
          event.stopPropagation();
          onChange("");
        }
        if (event.key === "ArrowDown" || event.key === "Enter") {
          event.preventDefault();
          onEnter();
        }
      }}
    />
  );
}
