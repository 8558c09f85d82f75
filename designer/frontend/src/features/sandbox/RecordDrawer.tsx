import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { parseExact } from "@/api/exact";
import { keys } from "@/api/queries";
import type { JsonObject } from "@/api/types";
import { checkJson, JsonEditor } from "@/features/runs/list";
import { JsonView, notifyProblem, ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { recordPath } from "./queries";

export interface OpenedRecord {
  vendor: string;
  entity: string;
  title: string;
  record: JsonObject;
  /** Left out for a record that is to be made. */
  ref?: { id: string; scope: string } | undefined;
}

interface RecordDrawerProps {
  opened: OpenedRecord | null;
  onClose: () => void;
}

/** One record of the vendor: to be read, or changed as the vendor's own staff would. */
export function RecordDrawer({ opened, onClose }: RecordDrawerProps) {
  return (
    <Drawer
      opened={opened !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={opened?.title}
    >
      {opened && (
        <Body
          key={`${opened.entity} ${opened.ref?.scope} ${opened.ref?.id}`}
          opened={opened}
          onClose={onClose}
        />
      )}
    </Drawer>
  );
}

function Body({ opened, onClose }: { opened: OpenedRecord; onClose: () => void }) {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const isNew = opened.ref === undefined;
  const original = JSON.stringify(opened.record, null, 2);
  const [text, setText] = useState<string | null>(isNew ? original : null);
  const checked = checkJson(text ?? original);
  const path = recordPath(ws, opened.vendor, opened.entity, opened.ref);
  const done = (message: string) => {
    notifications.show({ message });
    onClose();
    return cache.invalidateQueries({ queryKey: keys.sandboxes(ws) });
  };
  const save = useMutation({
    mutationFn: () => {
      const body = { record: parseExact(checked.ok ? checked.text : original) };
      return isNew ? api.post(path, body) : api.put(path, body);
    },
    onSuccess: () => done(t(isNew ? "record.made" : "record.saved")),
  });
  const remove = useMutation({
    mutationFn: () => api.delete(path),
    onSuccess: () => done(t("record.removed")),
    onError: (error) => notifyProblem(error),
  });
  if (text === null) {
    return (
      <Stack gap="sm">
        {can("sandbox.use") && (
          <Group justify="space-between">
            <Button size="xs" variant="default" onClick={() => setText(original)}>
              {t("record.edit")}
            </Button>
            <Button
              size="xs"
              variant="subtle"
              color="red"
              leftSection={<IconTrash size={15} aria-hidden />}
              loading={remove.isPending}
              onClick={() =>
                modals.openConfirmModal({
                  title: t("record.remove.title"),
                  children: <Text size="sm">{t("record.remove.text")}</Text>,
                  labels: { confirm: t("record.remove"), cancel: t("record.cancel") },
                  confirmProps: { color: "red" },
                  onConfirm: () => remove.mutate(),
                })
              }
            >
              {t("record.remove")}
            </Button>
          </Group>
        )}
        <JsonView value={opened.record} label={t("records.json")} maxHeight="calc(100vh - 150px)" />
      </Stack>
    );
  }
  return (
    <Stack gap="sm">
      <JsonEditor
        label={t("record.edit.label")}
        description={t(isNew ? "record.new.help" : "record.edit.help")}
        value={text}
        original={original}
        onChange={setText}
        minRows={18}
      />
      <ProblemAlert error={save.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={() => (isNew ? onClose() : setText(null))}>
          {t("record.cancel")}
        </Button>
        <Button
          disabled={!checked.ok || (!isNew && text === original)}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t(isNew ? "record.make" : "record.save")}
        </Button>
      </Group>
    </Stack>
  );
}
