import { Anchor, Button, Group, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Approval } from "@/api/types";
import { notifyProblem } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { approvalsKey } from "./queries";

/** Approve or reject, with a note if there is something to say. */
export function Answer({ question }: { question: Approval }) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [note, setNote] = useState("");
  const [noting, setNoting] = useState(false);
  const again = () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: approvalsKey(ws) }),
      cache.invalidateQueries({ queryKey: keys.run(ws, question.run_id) }),
    ]);
  const decide = useMutation({
    mutationFn: (approved: boolean) =>
      api.post(inWorkspace(ws, `/approvals/${question.id}/decide`), { approved, note }),
    onSuccess: (_answer, approved) => {
      notifications.show({ message: approved ? t("answer.approved") : t("answer.rejected") });
      return again();
    },
    onError: (error) => {
      notifyProblem(error);
      void again();
    },
  });
  return (
    <fieldset
      style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}
      aria-label={t("answer.group", { question: question.text || question.node.name })}
    >
      <Group gap="xs" align={noting ? "flex-end" : "center"}>
        {noting && (
          <Textarea
            size="xs"
            w={{ base: "100%", xs: 320 }}
            autosize
            autoFocus
            label={t("answer.note")}
            placeholder={t("answer.note.hint")}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        )}
        {!noting && (
          <Anchor component="button" type="button" size="xs" onClick={() => setNoting(true)}>
            {t("answer.note")}
          </Anchor>
        )}
        <Button
          size="xs"
          variant="default"
          loading={decide.isPending && !decide.variables}
          onClick={() => decide.mutate(false)}
        >
          {t("answer.reject")}
        </Button>
        <Button
          size="xs"
          loading={decide.isPending && decide.variables}
          onClick={() => decide.mutate(true)}
        >
          {t("answer.approve")}
        </Button>
      </Group>
    </fieldset>
  );
}
