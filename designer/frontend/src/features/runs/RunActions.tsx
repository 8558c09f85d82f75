import { Button, type ButtonProps, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconPlayerStop, IconRefresh, IconRepeat } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Run } from "@/api/types";
import { isFinished } from "@/live";
import { notifyProblem } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { PauseButton } from "./Pausing";

/** The path of something a person does to a run. */
export function runPath(ws: string, run: Pick<Run, "id">, verb: string): string {
  return inWorkspace(ws, `/runs/${encodeURIComponent(run.id)}/${verb}`);
}

/** Cancel while it runs, replay when it is over; each says first what will happen. */
export function RunActions({ run }: { run: Run }) {
  const { can } = useWorkspace();
  if (!can("runs.operate")) return null;
  return (
    <Group gap="xs">
      {isFinished(run) ? (
        <ReplayButton run={run} />
      ) : (
        <>
          {!run.pauses?.some(({ kind }) => kind === "run") && <PauseButton run={run} />}
          <CancelButton run={run} />
        </>
      )}
    </Group>
  );
}

interface RetryNowButtonProps extends ButtonProps {
  run: Run;
  word?: string;
}

export function RetryNowButton({ run, word, ...button }: RetryNowButtonProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const retry = useMutation({
    mutationFn: () => api.post(runPath(ws, run, "retry-now")),
    onSuccess: () => {
      notifications.show({ message: t("action.retryNow.done") });
      return cache.invalidateQueries({ queryKey: keys.run(ws, run.id) });
    },
    onError: notifyProblem,
  });
  return (
    <Button
      variant="default"
      leftSection={<IconRefresh size={15} aria-hidden />}
      loading={retry.isPending}
      onClick={() => retry.mutate()}
      {...button}
    >
      {word ?? t("action.retryNow")}
    </Button>
  );
}

function CancelButton({ run }: { run: Run }) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  const cancel = useMutation({
    mutationFn: () => api.post(runPath(ws, run, "cancel")),
    onSuccess: () => {
      close();
      notifications.show({ message: t("cancel.done") });
      return cache.invalidateQueries({ queryKey: keys.run(ws, run.id) });
    },
    onError: notifyProblem,
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={15} aria-hidden />}
        onClick={open}
      >
        {t("action.cancel")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("cancel.title")}>
        <Text size="sm">{t("cancel.text")}</Text>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={close}>
            {t("action.keep")}
          </Button>
          <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t("cancel.confirm")}
          </Button>
        </Group>
      </Modal>
    </>
  );
}

function ReplayButton({ run }: { run: Run }) {
  const { ws } = useWorkspace();
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure(false);
  const replay = useMutation({
    mutationFn: () => api.post<{ run_id: string }>(runPath(ws, run, "replay")),
    onSuccess: ({ run_id }) => {
      close();
      return navigate({ to: "/w/$ws/runs/$runId", params: { ws, runId: run_id } });
    },
    onError: notifyProblem,
  });
  return (
    <>
      <Button variant="default" leftSection={<IconRepeat size={15} aria-hidden />} onClick={open}>
        {t("action.replay")}
      </Button>
      <Modal opened={opened} onClose={close} title={t("replay.title")}>
        <Text size="sm">{t("replay.text")}</Text>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={close}>
            {t("action.close")}
          </Button>
          <Button loading={replay.isPending} onClick={() => replay.mutate()}>
            {t("replay.confirm")}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
