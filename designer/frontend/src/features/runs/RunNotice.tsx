import { Button } from "@mantine/core";
import { IconBan, IconCircleX, IconHelpHexagon, IconRefreshAlert } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Run } from "@/api/types";
import { isFinished } from "@/live";
import { TimeAgo } from "@/shared/time";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { stepOrder } from "./model";
import { ResolveDialog } from "./ResolveDialog";
import { RetryNowButton } from "./RunActions";
import { WaitNotice, waitOf } from "./RunWaits";
import { sentences } from "./sentences";

/** What stopped or holds the run, why, and the button that does something about it. */
export function RunNotice({ run }: { run: Run }) {
  const { ws, can } = useWorkspace();
  const mayAct = can("runs.operate");
  const [resolving, setResolving] = useState(false);
  const nameOf = (id: string) => run.document.nodes.find((node) => node.id === id)?.name ?? id;
  const order = stepOrder(run.document);
  const stepIn = (status: string) => order.find((id) => run.steps[id]?.status === status);

  const doubtful = stepIn("in_doubt");
  const calling = order.find((id) => run.steps[id]?.call_out);
  if (run.status === "cancelled" && (calling ?? doubtful)) {
    const step = calling ?? doubtful ?? "";
    return (
      <Notice
        tone={calling ? "grey" : "violet"}
        icon={calling ? <IconBan size={18} /> : <IconHelpHexagon size={18} />}
        title={t(calling ? "run.callOut.title" : "run.cancelledDoubt.title", {
          step: nameOf(step),
        })}
      >
        {calling
          ? t("run.callOut.text")
          : t(
              run.steps[step]?.needs_person
                ? "run.cancelledDoubt.text"
                : "run.cancelledDoubt.looking",
            )}
      </Notice>
    );
  }
  if (doubtful && !isFinished(run)) {
    const step = run.steps[doubtful];
    const error = step?.error ?? run.error;
    const doubt = run.doubts?.find((each) => each.node_id === doubtful);
    const nextLook = step?.next_attempt_at ?? null;
    const needsPerson = step?.needs_person ?? nextLook === null;
    return (
      <>
        <Notice
          tone="violet"
          icon={<IconHelpHexagon size={18} />}
          title={t("run.doubt.title", { step: nameOf(doubtful) })}
          actions={
            !mayAct ? null : needsPerson ? (
              <Button size="xs" onClick={() => setResolving(true)}>
                {t("run.doubt.resolve")}
              </Button>
            ) : (
              <RetryNowButton run={run} word={t("run.doubt.lookNow")} size="xs" />
            )
          }
        >
          {sentences(
            error?.message ?? t("run.doubt.text"),
            needsPerson ? error?.hint : t("run.doubt.looking"),
          )}
          {nextLook && (
            <>
              {" "}
              {t("run.doubt.next")} <TimeAgo at={nextLook} />
            </>
          )}
        </Notice>
        {doubt && (
          <ResolveDialog
            run={run}
            doubt={doubt}
            opened={resolving}
            onClose={() => setResolving(false)}
          />
        )}
      </>
    );
  }

  if (run.status === "failed" && run.error) {
    const { node_name, message, hint } = run.error;
    return (
      <Notice
        tone="red"
        icon={<IconCircleX size={18} />}
        title={t("run.failed.title", { step: node_name ?? run.flow.name })}
        actions={
          mayAct &&
          run.dead_letter_id && (
            <Button
              size="xs"
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
          )
        }
      >
        {sentences(message, hint)}
      </Notice>
    );
  }

  for (const id of order) {
    const step = run.steps[id];
    const type = run.document.nodes.find((node) => node.id === id)?.type;
    const wait = step && !isFinished(run) ? waitOf(type, step) : null;
    if (wait) return <WaitNotice run={run} nodeId={id} name={nameOf(id)} wait={wait} />;
  }

  const waiting = stepIn("retrying") ?? stepIn("waiting");
  const step = waiting ? run.steps[waiting] : undefined;
  if (waiting && step && (run.status === "waiting" || run.status === "running")) {
    return (
      <Notice
        tone="amber"
        icon={<IconRefreshAlert size={18} />}
        title={t("run.waiting.title", { step: nameOf(waiting) })}
        actions={mayAct && <RetryNowButton run={run} size="xs" />}
      >
        {sentences(step.error?.message)}{" "}
        {step.next_attempt_at && (
          <>
            {t("run.waiting.when")} <TimeAgo at={step.next_attempt_at} />
          </>
        )}
      </Notice>
    );
  }
  return null;
}
