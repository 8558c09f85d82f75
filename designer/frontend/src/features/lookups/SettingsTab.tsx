import { Button, Group, Radio, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { ColumnsEditor } from "./ColumnsEditor";
import { t } from "./en";
import classes from "./lookups.module.css";
import { columnsFault, rowTexts, type Texts } from "./model";
import { type LookupTable, lookupKeys, type MissPolicy, tablePath } from "./queries";

const POLICIES: MissPolicy[] = ["fail", "default", "hold"];

/** Name, columns, how keys are compared, and what a missing key means. */
export function SettingsTab({ table, editable }: { table: LookupTable; editable: boolean }) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const values = table.columns.filter(({ key }) => !key);
  const [name, setName] = useState(table.name);
  const [description, setDescription] = useState(table.description);
  const [columns, setColumns] = useState(table.columns);
  const [policy, setPolicy] = useState(table.on_miss.policy);
  const [defaults, setDefaults] = useState<Texts>(() => rowTexts(values, table.on_miss.values));
  const [ignoreCase, setIgnoreCase] = useState(table.ignore_case);
  const [ignoreSpace, setIgnoreSpace] = useState(table.ignore_space);
  const save = useMutation({
    mutationFn: () =>
      api.patch(tablePath(ws, table.id), {
        name: name.trim(),
        description: description.trim(),
        ...(table.kind === "table" ? { columns } : {}),
        on_miss: {
          policy,
          values:
            policy === "default"
              ? kept(
                  defaults,
                  columns.map((column) => column.name),
                )
              : {},
        },
        ignore_case: ignoreCase,
        ignore_space: ignoreSpace,
      }),
    onSuccess: () => {
      notifications.show({ message: t("settings.saved") });
      return cache.invalidateQueries({ queryKey: lookupKeys.all(ws) });
    },
  });
  const fault = columnsFault(columns);
  const removed = table.columns.some((old) => !columns.some((column) => column.name === old.name));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <fieldset disabled={!editable} className={classes.settings}>
        <section className={classes.section}>
          <Stack gap="md">
            <TextInput
              required
              label={t("new.name")}
              maxLength={120}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Textarea
              label={t("new.description")}
              maxLength={500}
              autosize
              value={description}
              onChange={(event) => setDescription(event.currentTarget.value)}
            />
          </Stack>
        </section>
        <section className={classes.section}>
          <Radio.Group
            label={t("settings.miss")}
            description={t("settings.miss.legend")}
            value={policy}
            onChange={(value) => setPolicy(value as MissPolicy)}
          >
            <Stack gap="xs" mt="sm">
              {POLICIES.map((value) => (
                <Radio
                  key={value}
                  value={value}
                  label={t(`miss.${value}`)}
                  description={t(`miss.${value}.help`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {policy === "default" && (
            <fieldset className={classes.fieldset}>
              <legend>{t("settings.miss.defaults")}</legend>
              <div className={classes.defaults}>
                {columns
                  .filter(({ key }) => !key)
                  .map((column) => (
                    <TextInput
                      key={column.name}
                      label={column.title}
                      description={t(`type.${column.type}`)}
                      value={defaults[column.name] ?? ""}
                      onChange={(event) =>
                        setDefaults({ ...defaults, [column.name]: event.currentTarget.value })
                      }
                    />
                  ))}
              </div>
            </fieldset>
          )}
        </section>
        {table.kind === "table" && (
          <section className={classes.section}>
            <ColumnsEditor
              columns={columns}
              onChange={setColumns}
              known={table.columns.map((column) => column.name)}
            />
            {removed && (
              <Text size="sm" mt="xs" role="status">
                {t("settings.columns.removed")}
              </Text>
            )}
          </section>
        )}
        {table.kind === "table" && (
          <section className={classes.section}>
            <fieldset className={classes.fieldset}>
              <legend>{t("settings.keys")}</legend>
              <Stack gap="sm">
                <Switch
                  checked={ignoreCase}
                  label={t("settings.case")}
                  description={t("settings.case.help")}
                  onChange={(event) => setIgnoreCase(event.currentTarget.checked)}
                />
                <Switch
                  checked={ignoreSpace}
                  label={t("settings.space")}
                  description={t("settings.space.help")}
                  onChange={(event) => setIgnoreSpace(event.currentTarget.checked)}
                />
              </Stack>
            </fieldset>
          </section>
        )}
        {fault && (
          <Text size="sm" className={classes.fault} role="status">
            {t(fault)}
          </Text>
        )}
        <ProblemAlert error={save.error} />
        {editable && (
          <Group>
            <Button
              type="submit"
              loading={save.isPending}
              disabled={fault !== null || name.trim() === ""}
            >
              {t("settings.save")}
            </Button>
          </Group>
        )}
      </fieldset>
    </form>
  );
}

/** Defaults of columns that are still there; an empty one is empty for the server too. */
function kept(defaults: Texts, names: string[]): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(defaults)
      .filter(([name]) => names.includes(name))
      .map(([name, text]) => [name, text === "" ? null : text]),
  );
}
