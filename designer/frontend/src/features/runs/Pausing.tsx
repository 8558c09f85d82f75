import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { connectionsQuery } from "@/api/queries";
import type { Run } from "@/api/types";
import { PauseDialog, PauseNotice } from "@/features/pauses";
import { useWorkspace } from "@/shared/workspace";
import { r } from "./records.en";

/** Holds a run back; asks why. */
export function PauseButton({ run }: { run: Run }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerPause size={15} aria-hidden />}
        onClick={open}
      >
        {r("pause.action")}
      </Button>
      <PauseDialog
        of={{ kind: "run", ref: run.id }}
        environment={run.environment}
        opened={opened}
        onClose={close}
      />
    </>
  );
}

/** Everything that holds the run back: itself, its flow, connections it needs. */
export function Pauses({ run }: { run: Run }) {
  const { ws } = useWorkspace();
  const { data: connections } = useQuery({
    ...connectionsQuery(ws, run.environment),
    enabled: run.pauses?.some(({ kind }) => kind === "connection") ?? false,
  });
  const nameOf = (slug: string) => connections?.find((one) => one.slug === slug)?.name ?? slug;
  return run.pauses?.map((pause) => (
    <PauseNotice
      key={pause.id}
      pause={pause}
      environment={run.environment}
      name={pause.kind === "connection" ? nameOf(pause.ref) : undefined}
    />
  ));
}
