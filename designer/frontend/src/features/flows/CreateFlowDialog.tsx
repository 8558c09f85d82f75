import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Flow } from "@/api/types";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";

/** Asks for a name and opens the new, empty flow. */
export function CreateFlowDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { ws } = useWorkspace();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const create = useMutation({
    mutationFn: () => api.post<Flow>(inWorkspace(ws, "/flows"), { name: name.trim(), description }),
    onSuccess: (flow) => {
      void cache.invalidateQueries({ queryKey: keys.flows(ws) });
      void navigate({ to: "/w/$ws/flows/$flowId", params: { ws, flowId: flow.id } });
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t("create.title")} size={440}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) create.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t("create.name")}
            placeholder={t("create.nameHint")}
            data-autofocus
            required
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Textarea
            label={t("create.description")}
            autosize
            minRows={2}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <ProblemAlert error={create.error} />
          <Group justify="flex-end" gap="xs" mt="xs">
            <Button variant="default" onClick={onClose}>
              {t("create.cancel")}
            </Button>
            <Button type="submit" disabled={!name.trim()} loading={create.isPending}>
              {t("create.do")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
