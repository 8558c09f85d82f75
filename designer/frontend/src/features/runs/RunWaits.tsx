import { Anchor, Button, Group, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconClock,
  IconHierarchy2,
  IconPlugConnectedX,
  IconUserQuestion,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Page, Run, Step } from "@/api/types";
import { formatMoment, TimeAgo } from "@/shared/time";
import { notifyProblem } from "@/shared/ui";
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

interface Approval {
  id: string;
  node: { id: string; name: string };
  text: string;
  assignee: { kind: string; name: string };
  escalated: boolean;
  expires_at: string | null;
  /** Whether the reader may answer. */
  mine: boolean;
}

/** A question to a person, and the answer right where it is asked. */
function Question({ run, nodeId, name }: { run: Run; nodeId: string; name: string }) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [note, setNote] = useState("");
  const [noting, setNoting] = useState(false);
  const key = [...keys.run(ws, run.id), "questions"];
  const asked = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) =>
      (
        await api.get<Page<Approval>>(
          inWorkspace(ws, "/approvals"),
          { run: run.id, environment: run.environment },
          signal,
        )
      ).items,
  });
  const question = asked.data?.find((each) => each.node.id === nodeId);
  const decide = useMutation({
    mutationFn: (approved: boolean) =>
      api.post(inWorkspace(ws, `/approvals/${question?.id}/decide`), { approved, note }),
    onSuccess: (_answer, approved) => {
      notifications.show({ message: approved ? t("ask.approved") : t("ask.rejected") });
      return cache.invalidateQueries({ queryKey: keys.run(ws, run.id) });
    },
    onError: (error) => {
      notifyProblem(error);
      void cache.invalidateQueries({ queryKey: key });
    },
  });
  const who = question
    ? question.assignee.kind === "role"
      ? t("ask.role", { role: question.assignee.name })
      : question.assignee.name
    : "…";
  return (
    <Notice
      tone="amber"
      icon={<IconUserQuestion size={18} />}
      title={t("ask.title", { step: name, who })}
      actions={
        question?.mine && (
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              loading={decide.isPending && !decide.variables}
              onClick={() => decide.mutate(false)}
            >
              {t("ask.reject")}
            </Button>
            <Button
              size="xs"
              loading={decide.isPending && decide.variables}
              onClick={() => decide.mutate(true)}
            >
              {t("ask.approve")}
            </Button>
          </Group>
        )
      }
    >
      {question?.text && (
        <Text size="sm" fw={520}>
          {question.text}
        </Text>
      )}
      {question?.expires_at && t("ask.until", { at: formatMoment(question.expires_at) })}{" "}
      {question?.escalated && t("ask.escalated")}
      {question?.mine &&
        (noting ? (
          <Textarea
            size="xs"
            mt={6}
            maw={420}
            autosize
            label={t("ask.note")}
            placeholder={t("ask.note.hint")}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        ) : (
          <Anchor component="button" type="button" size="xs" onClick={() => setNoting(true)}>
            {t("ask.note")}
          </Anchor>
        ))}
    </Notice>
  );
}
