import { ActionIcon, Button, Checkbox, Select, Text, TextInput, Tooltip } from "@mantine/core";
import { IconKey, IconPlus, IconX } from "@tabler/icons-react";
import { t } from "./en";
import classes from "./lookups.module.css";
import { columnName } from "./model";
import type { ColumnType, TableColumn } from "./queries";

const TYPES: ColumnType[] = ["text", "number", "date", "boolean", "json"];

interface ColumnsEditorProps {
  columns: TableColumn[];
  onChange: (columns: TableColumn[]) => void;
  /** Names that are saved already: mappings use them, so they stay. */
  known?: readonly string[];
}

/** Titles, types and keys of a table's columns. */
export function ColumnsEditor({ columns, onChange, known = [] }: ColumnsEditorProps) {
  const change = (at: number, patch: Partial<TableColumn>) =>
    onChange(columns.map((column, index) => (index === at ? { ...column, ...patch } : column)));
  const rename = (at: number, title: string) => {
    const column = columns[at];
    if (!column) return;
    const others = columns.filter((_, index) => index !== at).map(({ name }) => name);
    const name = known.includes(column.name) ? column.name : columnName(title, others);
    change(at, { title, name });
  };
  return (
    <fieldset className={classes.fieldset}>
      <legend>{t("columns.title")}</legend>
      <Text size="xs" c="dimmed" mb="xs">
        {t("columns.help")}
      </Text>
      <ul className={classes.columns}>
        {columns.map((column, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column's name follows its title
          <li key={at} className={classes.column}>
            <TextInput
              aria-label={t("columns.name", { number: at + 1 })}
              value={column.title}
              maxLength={80}
              leftSection={column.key ? <IconKey size={14} aria-hidden /> : undefined}
              description={t("columns.known", { name: column.name })}
              inputWrapperOrder={["input", "description"]}
              onChange={(event) => rename(at, event.currentTarget.value)}
            />
            <Select
              aria-label={t("columns.type", { title: column.title })}
              data={TYPES.map((type) => ({ value: type, label: t(`type.${type}`) }))}
              value={column.type}
              allowDeselect={false}
              onChange={(type) =>
                change(at, {
                  type: (type ?? "text") as ColumnType,
                  ...(type === "json" || type === "boolean" ? { key: false } : {}),
                })
              }
            />
            <Checkbox
              label={t("columns.key")}
              aria-label={t("columns.key.of", { title: column.title })}
              checked={column.key}
              disabled={column.type === "json" || column.type === "boolean"}
              onChange={(event) => change(at, { key: event.currentTarget.checked, required: true })}
            />
            <Checkbox
              label={t("columns.required")}
              aria-label={t("columns.required.of", { title: column.title })}
              checked={column.required || column.key}
              disabled={column.key}
              onChange={(event) => change(at, { required: event.currentTarget.checked })}
            />
            <Tooltip label={t("columns.remove", { title: column.title })}>
              <ActionIcon
                aria-label={t("columns.remove", { title: column.title })}
                disabled={columns.length <= 2}
                onClick={() => onChange(columns.filter((_, index) => index !== at))}
              >
                <IconX size={15} />
              </ActionIcon>
            </Tooltip>
          </li>
        ))}
      </ul>
      <Button
        variant="subtle"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => {
          const name = columnName(
            t("new.value"),
            columns.map((column) => column.name),
          );
          onChange([...columns, { name, title: "", type: "text", key: false, required: false }]);
        }}
      >
        {t("columns.add")}
      </Button>
    </fieldset>
  );
}
