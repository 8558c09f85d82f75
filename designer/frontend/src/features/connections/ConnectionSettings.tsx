import { Button, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./ConnectionPage.module.css";
import { t } from "./en";
import { FieldInputs } from "./FieldInputs";
import { changes, startValues } from "./model";
import type { ConnectionDetail, Field } from "./queries";

interface ConnectionSettingsProps {
  connection: ConnectionDetail;
  fields: readonly Field[];
}

/** Settings can be read and changed, secrets only replaced. */
export function ConnectionSettings({ connection, fields }: ConnectionSettingsProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const before = startValues(fields, {
    base_url: connection.base_url,
    ...connection.settings,
  });
  const [values, setValues] = useState(before);
  const changed = changes(fields, before, values);
  const isChanged = Object.keys({ ...changed.settings, ...changed.secrets }).length > 0;
  const save = useMutation({
    mutationFn: () =>
      api.patch(inWorkspace(ws, `/connections/${encodeURIComponent(connection.id)}`), changed),
    onSuccess: () => {
      notifications.show({ message: t("one.settings.saved") });
      setValues((now) =>
        Object.fromEntries(
          fields.map(({ name, secret }) => [name, secret ? "" : (now[name] ?? "")]),
        ),
      );
      return cache.invalidateQueries({ queryKey: keys.connections(ws) });
    },
  });
  const refused = asProblem(save.error).extras.fields as Record<string, string> | undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <section className={classes.section}>
      <Title order={2} mb="md">
        {t("one.settings")}
      </Title>
      <form onSubmit={submit} className={classes.form}>
        <FieldInputs
          fields={fields}
          values={values}
          errors={refused ?? {}}
          kept={connection.has_secrets ?? fields.map(({ name }) => name)}
          onChange={setValues}
        />
        <ProblemAlert error={save.error} />
        <div>
          <Button type="submit" disabled={!isChanged} loading={save.isPending}>
            {t("one.settings.save")}
          </Button>
        </div>
      </form>
    </section>
  );
}
