import { Button, MultiSelect, Radio, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./ConnectionPage.module.css";
import { t } from "./en";
import { type ConnectionDetail, type Sharing, sharingQuery } from "./queries";

/** Who may choose the connection in flows. */
export function SharingSection({
  connection,
  editable,
}: {
  connection: ConnectionDetail;
  editable: boolean;
}) {
  const { ws } = useWorkspace();
  const { data } = useQuery(sharingQuery(ws, connection.id));
  return (
    <section className={classes.section} aria-labelledby="sharing">
      <Title order={2} id="sharing" mb="sm">
        {t("share.title")}
      </Title>
      {data && !editable && (
        <Text size="sm">{data.everybody ? t("share.everybody") : t("share.some")}</Text>
      )}
      {data && editable && <Form key={JSON.stringify(data)} id={connection.id} rule={data} />}
    </section>
  );
}

/** A live flow that somebody published who would no longer be allowed to. */
interface CutOff {
  flow_id: string;
  name: string;
  published_by: string;
}

function Form({ id, rule }: { id: string; rule: Sharing }) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [everybody, setEverybody] = useState(rule.everybody);
  const [roles, setRoles] = useState(rule.roles);
  const [members, setMembers] = useState(rule.members);
  const save = useMutation({
    mutationFn: () =>
      api.put(inWorkspace(ws, `/connections/${encodeURIComponent(id)}/sharing`), {
        everybody,
        roles,
        members,
      }),
    onSuccess: () => {
      notifications.show({ message: t("share.saved") });
      return cache.invalidateQueries({ queryKey: keys.connections(ws) });
    },
  });
  const cutOff = asProblem(save.error).extras.flows as CutOff[] | undefined;
  const before = JSON.stringify([rule.everybody, rule.roles, rule.members]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <Radio.Group
        aria-label={t("share.title")}
        value={everybody ? "everybody" : "some"}
        onChange={(value) => setEverybody(value === "everybody")}
      >
        <Stack gap="xs">
          <Radio value="everybody" label={t("share.everybody")} />
          <Radio value="some" label={t("share.some")} description={t("share.some.help")} />
        </Stack>
      </Radio.Group>
      {!everybody && (
        <>
          <MultiSelect
            label={t("share.roles")}
            placeholder={roles.length === 0 ? t("share.roles.none") : undefined}
            data={[
              { value: "builder", label: t("share.role.builder") },
              { value: "analyst", label: t("share.role.analyst") },
            ]}
            value={roles}
            onChange={setRoles}
          />
          <MultiSelect
            label={t("share.members")}
            placeholder={members.length === 0 ? t("share.members.none") : undefined}
            searchable
            nothingFoundMessage={t("share.nobody")}
            data={rule.candidates.map((one) => ({ value: one.id, label: one.name }))}
            value={members}
            onChange={setMembers}
          />
        </>
      )}
      <ProblemAlert error={save.error} />
      {cutOff && (
        <ul>
          {cutOff.map(({ flow_id, name, published_by }) => (
            <li key={flow_id}>
              <Link to="/w/$ws/flows/$flowId" params={{ ws, flowId: flow_id }}>
                {name}
              </Link>{" "}
              {t("share.publishedBy", { name: published_by })}
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button
          type="submit"
          variant="default"
          loading={save.isPending}
          disabled={JSON.stringify([everybody, roles, members]) === before}
        >
          {t("share.save")}
        </Button>
      </div>
    </form>
  );
}
