import { Button, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { JsonSchema } from "@/api/types";
import { t } from "./en";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";
import { RowFrame } from "./RowFrame";
import { SchemaFields } from "./SchemaForm";

type Row = Record<string, unknown>;

interface RowsFieldProps {
  title: string;
  help?: string | undefined;
  item: JsonSchema;
  rows: Row[];
  most: number;
  scope: string;
  onChange: (rows: Row[], key?: string) => void;
}

/** Rows of settings, each with the fields of one schema. */
export function RowsField({ title, help, item, rows, most, scope, onChange }: RowsFieldProps) {
  const { readOnly } = useForm();
  const fresh = () => {
    const names = Object.entries(item.properties ?? {});
    return Object.fromEntries(
      names.flatMap(([name, field]) =>
        field.default === undefined ? [] : [[name, field.default]],
      ),
    );
  };
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.sectionHead}>
        <h3 className={classes.sectionTitle}>{title}</h3>
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<IconPlus size={14} />}
          disabled={readOnly || rows.length >= most}
          aria-label={`${t("add")}: ${title}`}
          onClick={() => onChange([...rows, fresh()])}
        >
          {t("add")}
        </Button>
      </div>
      {help && (
        <Text size="xs" c="dimmed" mt={-8}>
          {help}
        </Text>
      )}
      {rows.map((row, index) => {
        const name = t("row", { title, number: index + 1 });
        return (
          <RowFrame
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place and nothing else
            key={index}
            label={name}
            readOnly={readOnly}
            onRemove={() => onChange(rows.filter((_, other) => other !== index))}
          >
            <SchemaFields
              schema={item}
              values={row}
              scope={`${scope}.${index}`}
              set={(patch, key) =>
                onChange(
                  rows.map((old, other) => (other === index ? { ...old, ...patch } : old)),
                  key,
                )
              }
            />
          </RowFrame>
        );
      })}
    </section>
  );
}
