import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { DeadLetter } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { r } from "./records.en";

interface ReopenDialogProps {
  record: DeadLetter;
  opened: boolean;
  onClose: () => void;
}

/** Puts a record that was skipped, or has expired, back among the open ones. */
export function ReopenDialog({ record, opened, onClose }: ReopenDialogProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [reason, setReason] = useState("");
  const reopen = useMutation({
    mutationFn: () =>
      api.post(inWorkspace(ws, `/dead-letters/${encodeURIComponent(record.id)}/reopen`), {
        reason: reason.trim(),
      }),
    onSuccess: () => {
      onClose();
      notifications.show({ message: r("letter.reopened") });
      return cache.invalidateQueries({ queryKey: keys.deadLetters(ws) });
    },
  });
  const key = record.business_key || t("runs.noKey");
  return (
    <Modal opened={opened} onClose={onClose} title={r("letter.reopen.title", { key })}>
      <Stack gap="md">
        <Text size="sm">{r("letter.reopen.text")}</Text>
        <Textarea
          required
          autosize
          minRows={2}
          data-autofocus
          label={r("bulk.reason")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ProblemAlert error={reopen.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {r("bulk.cancel")}
          </Button>
          <Button
            disabled={reason.trim() === ""}
            loading={reopen.isPending}
            onClick={() => reopen.mutate()}
          >
            {r("letter.reopen")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
