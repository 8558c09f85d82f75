import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { DeadLetter } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";

interface SkipDialogProps {
  record: DeadLetter;
  opened: boolean;
  onClose: () => void;
}

/** Closes an error without posting the record; a reason is asked for and kept. */
export function SkipDialog({ record, opened, onClose }: SkipDialogProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const skip = useMutation({
    mutationFn: () =>
      api.post(inWorkspace(ws, `/dead-letters/${encodeURIComponent(record.id)}/skip`), {
        reason: reason.trim(),
      }),
    onSuccess: async () => {
      onClose();
      notifications.show({ message: t("skip.done") });
      void cache.invalidateQueries({ queryKey: keys.deadLetters(ws) });
      await navigate({ to: "/w/$ws/errors", params: { ws } });
    },
  });
  const key = record.business_key || t("runs.noKey");
  return (
    <Modal opened={opened} onClose={onClose} title={t("skip.title", { key })}>
      <Stack gap="md">
        <Text size="sm">{t("skip.text")}</Text>
        <Textarea
          required
          autosize
          minRows={2}
          data-autofocus
          label={t("skip.reason")}
          placeholder={t("skip.reason.placeholder")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ProblemAlert error={skip.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("skip.cancel")}
          </Button>
          <Button
            color="red"
            disabled={reason.trim() === ""}
            loading={skip.isPending}
            onClick={() => skip.mutate()}
          >
            {t("skip.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
