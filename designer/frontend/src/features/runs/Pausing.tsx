import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Pause, Run } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { notifyProblem, ProblemAlert } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { r } from "./records.en";

/** Holds a run back; asks why. */
export function PauseButton({ run }: { run: Run }) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState("");
  const pause = useMutation({
    mutationFn: () =>
      api.post(inWorkspace(ws, "/pauses"), {
        kind: "run",
        ref: run.id,
        environment: run.environment,
        reason: reason.trim(),
      }),
    onSuccess: () => {
      close();
      notifications.show({ message: r("pause.done") });
      return cache.invalidateQueries({ queryKey: keys.run(ws, run.id) });
    },
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerPause size={15} aria-hidden />}
        onClick={open}
      >
        {r("pause.action")}
      </Button>
      <Modal opened={opened} onClose={close} title={r("pause.title")}>
        <Stack gap="md">
          <Text size="sm">{r("pause.text")}</Text>
          <TextInput
            label={r("pause.reason")}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <ProblemAlert error={pause.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {r("pause.keep")}
            </Button>
            <Button loading={pause.isPending} onClick={() => pause.mutate()}>
              {r("pause.confirm")}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

/** Who holds the run back, why, and the button that lets it go on. */
export function Pauses({ run }: { run: Run }) {
  return run.pauses?.map((pause) => <PauseNotice key={pause.id} pause={pause} run={run} />);
}

function PauseNotice({ pause, run }: { pause: Pause; run: Run }) {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const resume = useMutation({
    mutationFn: () => api.delete(inWorkspace(ws, `/pauses/${pause.id}`)),
    onSuccess: () => {
      notifications.show({ message: r("pause.resumed") });
      return cache.invalidateQueries({ queryKey: keys.run(ws, run.id) });
    },
    onError: notifyProblem,
  });
  const reason = pause.reason ? `: ${pause.reason}` : "";
  return (
    <Notice
      tone="amber"
      icon={<IconPlayerPause size={18} />}
      title={
        pause.kind === "connection"
          ? r("pause.connection", { ref: pause.ref })
          : r(`pause.${pause.kind}`)
      }
      actions={
        can("runs.operate", run.environment) && (
          <Button
            size="xs"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            loading={resume.isPending}
            onClick={() => resume.mutate()}
          >
            {r("pause.resume")}
          </Button>
        )
      }
    >
      {r("pause.by", { by: pause.by, reason })} <TimeAgo at={pause.at} />
    </Notice>
  );
}
