import { Button, Group, JsonInput, Modal, Radio, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { parseExact } from "@/api/exact";
import { keys } from "@/api/queries";
import type { DeadLetterDetail } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { checkJson } from "./jsonText";
import { r } from "./records.en";

interface SkipDialogProps {
  record: DeadLetterDetail;
  opened: boolean;
  onClose: () => void;
}

/** Closes an error without posting the record; a reason is asked for and kept. */
export function SkipDialog({ record, opened, onClose }: SkipDialogProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const [how, setHow] = useState<"end" | "past">("end");
  const [output, setOutput] = useState("{}");
  const past = how === "past";
  const complete = reason.trim() !== "" && (!past || checkJson(output).ok);
  const skip = useMutation({
    mutationFn: () =>
      api.post(
        inWorkspace(
          ws,
          `/dead-letters/${encodeURIComponent(record.id)}/${past ? "go-past" : "skip"}`,
        ),
        { reason: reason.trim(), ...(past && { output: parseExact(output) }) },
      ),
    onSuccess: async () => {
      onClose();
      notifications.show({ message: past ? r("skip.past.done") : t("skip.done") });
      void cache.invalidateQueries({ queryKey: keys.deadLetters(ws) });
      await navigate({ to: "/w/$ws/errors", params: { ws } });
    },
  });
  const key = record.business_key || t("runs.noKey");
  return (
    <Modal opened={opened} onClose={onClose} title={t("skip.title", { key })}>
      <Stack gap="md">
        {record.can_go_past ? (
          <Radio.Group
            label={r("skip.how")}
            value={how}
            onChange={(value) => setHow(value === "past" ? "past" : "end")}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="end" label={r("skip.end")} description={r("skip.end.text")} />
              <Radio
                value="past"
                label={r("skip.past")}
                description={r("skip.past.text", { step: record.node.name })}
              />
            </Stack>
          </Radio.Group>
        ) : (
          <Text size="sm">{t("skip.text")}</Text>
        )}
        {past && (
          <JsonInput
            label={r("skip.output")}
            autosize
            minRows={3}
            maxRows={12}
            formatOnBlur
            value={output}
            onChange={setOutput}
          />
        )}
        <Textarea
          required
          autosize
          minRows={2}
          data-autofocus
          label={t("skip.reason")}
          placeholder={t("skip.reason.placeholder")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ProblemAlert error={skip.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("skip.cancel")}
          </Button>
          <Button
            color="red"
            disabled={!complete}
            loading={skip.isPending}
            onClick={() => skip.mutate()}
          >
            {past ? r("skip.past.confirm") : t("skip.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
