import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import type { ConnectionDetail } from "./queries";

interface DialogProps {
  connection: ConnectionDetail;
  opened: boolean;
  onClose: () => void;
}

export function RenameConnection({ connection, opened, onClose }: DialogProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [name, setName] = useState(connection.name);
  useEffect(() => {
    if (opened) setName(connection.name);
  }, [opened, connection.name]);
  const rename = useMutation({
    mutationFn: () =>
      api.patch(inWorkspace(ws, `/connections/${encodeURIComponent(connection.id)}`), {
        name: name.trim(),
      }),
    onSuccess: () => {
      onClose();
      return cache.invalidateQueries({ queryKey: keys.connections(ws) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t("one.rename.title")}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            required
            data-autofocus
            label={t("add.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <ProblemAlert error={rename.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("add.cancel")}
            </Button>
            <Button type="submit" disabled={name.trim() === ""} loading={rename.isPending}>
              {t("one.rename.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Asks once and says what is lost; while flows use the connection it shows them instead. */
export function DeleteConnection({ connection, opened, onClose }: DialogProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () =>
      api.delete(inWorkspace(ws, `/connections/${encodeURIComponent(connection.id)}`)),
    onSuccess: async () => {
      notifications.show({ message: t("delete.done") });
      await navigate({ to: "/w/$ws/connections", params: { ws } });
      await cache.invalidateQueries({ queryKey: keys.connections(ws) });
    },
  });
  const told = asProblem(remove.error).extras.used_by as ConnectionDetail["used_by"] | undefined;
  const users = told ?? connection.used_by;
  return (
    <Modal opened={opened} onClose={onClose} title={t("delete.title", { name: connection.name })}>
      <Stack gap="md">
        {users.length > 0 ? (
          <div>
            <Text size="sm">{t("delete.used")}</Text>
            <ul>
              {users.map(({ flow_id, name }) => (
                <li key={flow_id}>
                  <Link to="/w/$ws/flows/$flowId" params={{ ws, flowId: flow_id }}>
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
            <Text size="sm">{t("delete.used.hint")}</Text>
          </div>
        ) : (
          <Text size="sm">{t("delete.text")}</Text>
        )}
        <ProblemAlert error={told ? null : remove.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("delete.keep")}
          </Button>
          <Button
            color="red.8"
            disabled={users.length > 0}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {t("delete.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
