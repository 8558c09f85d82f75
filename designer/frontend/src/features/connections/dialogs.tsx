import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import { ProblemAlert } from "@/shared/ui";
import { DeleteUsed } from "@/shared/ui/DeleteUsed";
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
  return (
    <DeleteUsed
      opened={opened}
      onClose={onClose}
      words={{
        title: t("delete.title", { name: connection.name }),
        text: t("delete.text"),
        used: t("delete.used"),
        hint: t("delete.used.hint"),
        keep: t("delete.keep"),
        confirm: t("delete.confirm"),
      }}
      path={inWorkspace(ws, `/connections/${encodeURIComponent(connection.id)}`)}
      users={connection.used_by}
      onDeleted={async () => {
        notifications.show({ message: t("delete.done") });
        await navigate({ to: "/w/$ws/connections", params: { ws } });
        await cache.invalidateQueries({ queryKey: keys.connections(ws) });
      }}
    />
  );
}
