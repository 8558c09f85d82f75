import { Button, Group, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { Doubt, Run } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { runPath } from "./RunActions";

type Choice = Doubt["choices"][number]["choice"];

interface ResolveDialogProps {
  run: Run;
  doubt: Doubt;
  opened: boolean;
  onClose: () => void;
}

/** A person decides about a write whose answer was lost. Each choice says what will happen. */
export function ResolveDialog({ run, doubt, opened, onClose }: ResolveDialogProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [choice, setChoice] = useState<Choice | null>(null);
  const [externalId, setExternalId] = useState("");
  const resolve = useMutation({
    mutationFn: () =>
      api.post(runPath(ws, run, "resolve"), {
        node_id: doubt.node_id,
        choice,
        ...(choice === "adopt" && { id: externalId.trim() }),
      }),
    onSuccess: () => {
      onClose();
      notifications.show({ message: t("resolve.done") });
      return cache.invalidateQueries({ queryKey: keys.run(ws, run.id) });
    },
  });
  const complete = choice !== null && (choice !== "adopt" || externalId.trim() !== "");
  return (
    <Modal opened={opened} onClose={onClose} title={t("resolve.title")} size="lg">
      <Stack gap="md">
        <Text size="sm">
          {doubt.text} {t("resolve.text", { key: run.business_key || t("resolve.theRecord") })}
        </Text>
        <Radio.Group
          label={t("resolve.choice")}
          value={choice}
          onChange={(value) => setChoice(value as Choice)}
        >
          <Stack gap="sm" mt="xs">
            {doubt.choices.map((each) => (
              <Radio
                key={each.choice}
                value={each.choice}
                label={each.title}
                description={each.text}
              />
            ))}
          </Stack>
        </Radio.Group>
        {choice === "adopt" && (
          <TextInput
            required
            label={t("resolve.adopt.id")}
            description={t("resolve.adopt.idHelp")}
            value={externalId}
            onChange={(event) => setExternalId(event.currentTarget.value)}
          />
        )}
        <ProblemAlert error={resolve.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("resolve.cancel")}
          </Button>
          <Button disabled={!complete} loading={resolve.isPending} onClick={() => resolve.mutate()}>
            {t("resolve.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
