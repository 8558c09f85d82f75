import { Autocomplete, Button, Select } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { functionsQuery } from "@/api/queries";
import type { Expr } from "@/api/types";
import { useDesigner } from "../DesignerContext";
import { ExprInput } from "./ExprInput";
import { t } from "./en";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";
import { RowFrame } from "./RowFrame";
import { usePathsOf } from "./SchemaForm";

interface Row {
  path: string;
  fn: string;
  args?: Expr[];
}

/** Fields that are replaced by what a function makes of them, with the function's other values. */
export function ConvertRows() {
  const { ws } = useDesigner();
  const { node, set, readOnly } = useForm();
  const { data: functions = [] } = useQuery(functionsQuery(ws));
  const paths = usePathsOf(String(node.config.source || "trigger"));
  const rows = (Array.isArray(node.config.fields) ? node.config.fields : []) as Row[];
  const put = (fields: Row[], key?: string) => set({ fields }, key);
  const patch = (index: number, part: Partial<Row>, key: string) =>
    put(
      rows.map((row, other) => (other === index ? { ...row, ...part } : row)),
      `${node.id}.fields.${index}.${key}`,
    );
  const usable = functions.filter((fn) => fn.args.length > 0);
  const groups = [...new Set(usable.map((fn) => fn.group))].map((group) => ({
    group,
    items: usable
      .filter((fn) => fn.group === group)
      .map((fn) => ({ value: fn.name, label: fn.title || fn.name })),
  }));
  return (
    <section className={classes.section} aria-label={t("convert.title")}>
      <div className={classes.sectionHead}>
        <h3 className={classes.sectionTitle}>{t("convert.title")}</h3>
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<IconPlus size={14} />}
          disabled={readOnly}
          onClick={() => put([...rows, { path: "", fn: "" }])}
        >
          {t("convert.add")}
        </Button>
      </div>
      {rows.map((row, index) => {
        const name = t("convert.number", { number: index + 1 });
        const fn = functions.find((known) => known.name === row.fn);
        return (
          <RowFrame
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place and nothing else
            key={index}
            label={name}
            readOnly={readOnly}
            onRemove={() => put(rows.filter((_, other) => other !== index))}
          >
            <Autocomplete
              label={t("convert.field")}
              placeholder={t("path.pick")}
              data={paths}
              limit={60}
              disabled={readOnly}
              value={row.path}
              onChange={(path) => patch(index, { path }, "path")}
            />
            <Select
              label={t("convert.fn")}
              placeholder={t("convert.fn.pick")}
              searchable
              data={groups}
              disabled={readOnly}
              allowDeselect={false}
              value={row.fn || null}
              description={fn?.description}
              inputWrapperOrder={["label", "input", "description", "error"]}
              onChange={(next) => next && patch(index, { fn: next, args: [] }, "fn")}
            />
            {fn?.args.slice(1).map((arg, place) => (
              <ExprInput
                key={arg.name}
                label={arg.title || arg.name}
                description={arg.description}
                required={arg.required}
                value={row.args?.[place]?.op === "hole" ? undefined : row.args?.[place]}
                onChange={(next) => {
                  const args = fn.args
                    .slice(1)
                    .map((_, i) => row.args?.[i] ?? { op: "hole" as const });
                  args[place] = next ?? { op: "hole" };
                  while (args.at(-1)?.op === "hole") args.pop();
                  patch(index, { args }, `arg${place}`);
                }}
              />
            ))}
          </RowFrame>
        );
      })}
    </section>
  );
}
