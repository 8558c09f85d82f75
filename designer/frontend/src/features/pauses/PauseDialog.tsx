import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import type { PauseOf } from "./queries";
import { usePause } from "./usePausing";

interface PauseDialogProps {
  of: PauseOf;
  environment: string;
  opened: boolean;
  onClose: () => void;
}

/** Says what will stand still, asks why, and holds it back. */
export function PauseDialog({ of, environment, opened, onClose }: PauseDialogProps) {
  const [reason, setReason] = useState("");
  const pause = usePause(environment);
  const close = () => {
    pause.reset();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={t(`pause.title.${of.kind}`)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          pause.mutate({ ...of, reason }, { onSuccess: close });
        }}
      >
        <Stack gap="md">
          <Text size="sm">{t(`pause.text.${of.kind}`)}</Text>
          <TextInput
            label={t("pause.reason")}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <ProblemAlert error={pause.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t("pause.keep")}
            </Button>
            <Button type="submit" loading={pause.isPending}>
              {t("pause.confirm")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
