import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";

interface RollBackDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  text: string;
  error: unknown;
  going: boolean;
  onGo: () => void;
  /** What would change. */
  children: ReactNode;
}

/** Shows what going back would change, and goes. */
export function RollBackDialog(props: RollBackDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} size="lg">
      <Stack gap="md">
        <Text size="sm">{props.text}</Text>
        {props.opened && props.children}
        <ProblemAlert error={props.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            {t("cancel")}
          </Button>
          <Button loading={props.going} onClick={props.onGo}>
            {t("versions.back.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
