import { Alert, Button, Group, Text } from "@mantine/core";
import { IconCircleX, IconHelpHexagon, IconRefreshAlert } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Run } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { stepOrder } from "./model";
import { ResolveDialog } from "./ResolveDialog";
import { RetryNowButton } from "./RunActions";
import classes from "./RunNotice.module.css";

interface RunNoticeProps {
  run: Run;
  onSelect: (nodeId: string) => void;
}

/** What stopped or holds the run, why, and the button that does something about it. */
export function RunNotice({ run, onSelect }: RunNoticeProps) {
  const { ws } = useWorkspace();
  const [resolving, setResolving] = useState(false);
  const nameOf = (id: string) => run.document.nodes.find((node) => node.id === id)?.name ?? id;
  const order = stepOrder(run.document);
  const stepIn = (status: string) => order.find((id) => run.steps[id]?.status === status);

  const doubtful = stepIn("in_doubt");
  if (run.status === "in_doubt" && doubtful) {
    const error = run.steps[doubtful]?.error ?? run.error;
    return (
      <Alert
        className={classes.notice}
        color="violet"
        icon={<IconHelpHexagon aria-hidden />}
        title={t("run.doubt.title", { step: nameOf(doubtful) })}
      >
        <Text size="sm">{error?.message ?? t("run.doubt.text")}</Text>
        {error?.hint && <Text size="sm">{error.hint}</Text>}
        <Group mt="xs" gap="xs">
          <Button size="xs" color="violet" onClick={() => setResolving(true)}>
            {t("run.doubt.resolve")}
          </Button>
        </Group>
        <ResolveDialog
          run={run}
          nodeId={doubtful}
          opened={resolving}
          onClose={() => setResolving(false)}
        />
      </Alert>
    );
  }

  if (run.status === "failed" && run.error) {
    const { node_id, node_name, message, hint } = run.error;
    return (
      <Alert
        className={classes.notice}
        color="red"
        icon={<IconCircleX aria-hidden />}
        title={t("run.failed.title", { step: node_name ?? run.flow.name })}
      >
        <Text size="sm">{message}</Text>
        {hint && <Text size="sm">{hint}</Text>}
        <Group mt="xs" gap="xs">
          {run.dead_letter_id && (
            <Button
              size="xs"
              color="red"
              renderRoot={(props) => (
                <Link
                  to="/w/$ws/errors/$deadLetterId"
                  params={{ ws, deadLetterId: run.dead_letter_id ?? "" }}
                  {...props}
                />
              )}
            >
              {t("run.failed.fix")}
            </Button>
          )}
          {node_id && (
            <Button size="xs" variant="default" onClick={() => onSelect(node_id)}>
              {t("run.failed.show")}
            </Button>
          )}
        </Group>
      </Alert>
    );
  }

  const waiting = stepIn("retrying") ?? stepIn("waiting");
  const step = waiting ? run.steps[waiting] : undefined;
  if (waiting && step && (run.status === "waiting" || run.status === "running")) {
    return (
      <Alert
        className={classes.notice}
        color="yellow"
        icon={<IconRefreshAlert aria-hidden />}
        title={t("run.waiting.title", { step: nameOf(waiting) })}
      >
        <Group justify="space-between" gap="xs">
          <div>
            {step.error && <Text size="sm">{step.error.message}</Text>}
            {step.next_attempt_at && (
              <Text size="sm">
                {t("run.waiting.when")} <TimeAgo at={step.next_attempt_at} />
              </Text>
            )}
          </div>
          <RetryNowButton run={run} size="xs" />
        </Group>
      </Alert>
    );
  }
  return null;
}
