import { Button, Text } from "@mantine/core";
import {
  IconClock,
  IconHierarchy2,
  IconPlugConnectedX,
  IconUserQuestion,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Run, Step } from "@/api/types";
import { Answer, assigneeWords, runQuestionsQuery } from "@/features/approvals/list";
import { formatMoment, TimeAgo } from "@/shared/time";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";

/** What a waiting run waits for, other than its next try. */
export type Wait = "time" | "person" | "connection" | "items" | "call";

export function waitOf(type: string | undefined, step: Step): Wait | null {
  if (step.waits_for_connection) return "connection";
  if (step.status !== "waiting") return null;
  if (type === "approval") return "person";
  if (type === "wait") return "time";
  if (type === "for_each") return "items";
  return type === "call_flow" ? "call" : null;
}

interface WaitNoticeProps {
  run: Run;
  nodeId: string;
  name: string;
  wait: Wait;
}

/** Why a run stands still though nothing is wrong, when it goes on, and what may be done. */
export function WaitNotice({ run, nodeId, name, wait }: WaitNoticeProps) {
  const { ws } = useWorkspace();
  const step = run.steps[nodeId];
  const family = run.families?.find((each) => each.node_id === nodeId);
  switch (wait) {
    case "person":
      return <Question run={run} nodeId={nodeId} name={name} />;
    case "time":
      return (
        <Notice
          tone="grey"
          icon={<IconClock size={18} />}
          title={t("run.wait.title", {
            step: name,
            at: step?.next_attempt_at ? formatMoment(step.next_attempt_at) : "",
          })}
        >
          {t("run.wait.text")} {step?.next_attempt_at && <TimeAgo at={step.next_attempt_at} />}
        </Notice>
      );
    case "connection":
      return (
        <Notice
          tone="amber"
          icon={<IconPlugConnectedX size={18} />}
          title={t("run.connection.title", { step: name })}
          actions={
            <Button
              size="xs"
              renderRoot={(props) => (
                <Link
                  to="/w/$ws/connections"
                  params={{ ws }}
                  search={{ env: run.environment }}
                  {...props}
                />
              )}
            >
              {t("run.connection.open")}
            </Button>
          }
        >
          {t("run.connection.text")}
        </Notice>
      );
    case "items": {
      const counts = family?.counts ?? {};
      const failed = counts.failed ?? 0;
      const done =
        (counts.succeeded ?? 0) + failed + (counts.cancelled ?? 0) + (counts.superseded ?? 0);
      return (
        <Notice
          tone={failed > 0 ? "amber" : "grey"}
          icon={<IconHierarchy2 size={18} />}
          title={t("run.items.title", { step: name, done, total: family?.total ?? 0 })}
        >
          {failed > 0 && `${t("run.items.failed", { count: failed })} `}
          {t("run.items.going")}
        </Notice>
      );
    }
    case "call":
      return (
        <Notice
          tone="grey"
          icon={<IconHierarchy2 size={18} />}
          title={t("run.call.title", { step: name })}
        >
          {t("run.call.text")}
        </Notice>
      );
  }
}

/** A question to a person, and the answer right where it is asked. */
function Question({ run, nodeId, name }: { run: Run; nodeId: string; name: string }) {
  const { ws } = useWorkspace();
  const asked = useQuery(runQuestionsQuery(ws, run.environment, run.id));
  const question = asked.data?.find((each) => each.node.id === nodeId);
  return (
    <Notice
      tone="amber"
      icon={<IconUserQuestion size={18} />}
      title={t("ask.title", { step: name, who: question ? assigneeWords(question) : "…" })}
      actions={question?.mine && <Answer question={question} />}
    >
      {question?.text && (
        <Text size="sm" fw={520}>
          {question.text}
        </Text>
      )}
      {question?.expires_at && t("ask.until", { at: formatMoment(question.expires_at) })}{" "}
      {question?.escalated && t("ask.escalated")}
    </Notice>
  );
}
