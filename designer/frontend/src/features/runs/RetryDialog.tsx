import { Button, Group, List, Modal, Radio, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { parseExact } from "@/api/exact";
import { keys } from "@/api/queries";
import type { DeadLetter } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";

type From = "failed" | "start";
type Release = "original" | "newest";
const FROM: readonly From[] = ["failed", "start"];
const RELEASES: readonly Release[] = ["original", "newest"];

interface RetryDialogProps {
  record: DeadLetter;
  opened: boolean;
  onClose: () => void;
  /** The changed document as JSON text, or null where nothing is changed. */
  document: string | null;
  changedLines: number;
}

/** Where to begin and with which version; the list below says what will happen. */
export function RetryDialog(props: RetryDialogProps) {
  const { record, opened, onClose, document, changedLines } = props;
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const changed = document !== null;
  const [chosen, setFrom] = useState<From>("failed");
  const [reason, setReason] = useState("");
  const [wanted, setRelease] = useState<Release>("original");
  // Steps before the failed one worked on the old document: they must see the change too.
  const from: From = changed ? "start" : chosen;
  // Results of earlier steps belong to the version that made them.
  const release: Release = from === "failed" ? "original" : wanted;
  const retry = useMutation({
    mutationFn: () =>
      api.post<{ run_id: string }>(
        inWorkspace(ws, `/dead-letters/${encodeURIComponent(record.id)}/retry`),
        {
          from,
          release,
          ...(changed && { document: parseExact(document) }),
          ...(reason.trim() && { reason: reason.trim() }),
        },
      ),
    onSuccess: async ({ run_id }) => {
      onClose();
      void cache.invalidateQueries({ queryKey: keys.deadLetters(ws) });
      void cache.invalidateQueries({ queryKey: keys.run(ws, run_id) });
      await navigate({ to: "/w/$ws/runs/$runId", params: { ws, runId: run_id } });
    },
  });
  const key = record.business_key || t("runs.noKey");
  const step = record.node.name;
  return (
    <Modal opened={opened} onClose={onClose} title={t("retry.title", { key })} size="lg">
      <Stack gap="md">
        <Radio.Group
          label={t("retry.from")}
          value={from}
          onChange={(value) => setFrom(value as From)}
          description={changed ? t("retry.changedNeedsStart") : undefined}
        >
          <Stack gap="xs" mt="xs">
            {FROM.map((value) => (
              <Radio
                key={value}
                value={value}
                disabled={changed && value === "failed"}
                label={t(`retry.from.${value}`)}
                description={
                  value === "failed"
                    ? t("retry.from.failed.text", { step })
                    : t("retry.from.start.text")
                }
              />
            ))}
          </Stack>
        </Radio.Group>
        <Radio.Group
          label={t("retry.release")}
          description={from === "failed" ? t("retry.newestNeedsStart") : undefined}
          value={release}
          onChange={(value) => setRelease(value as Release)}
        >
          <Stack gap="xs" mt="xs">
            {RELEASES.map((value) => (
              <Radio
                key={value}
                value={value}
                disabled={from === "failed" && value === "newest"}
                label={t(`retry.release.${value}`)}
                description={t(`retry.release.${value}.text`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          required={changed}
          autosize
          minRows={2}
          label={changed ? t("letter.reason") : t("letter.note")}
          description={t("letter.reason.help")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <section>
          <Text size="sm" fw={550} mb={4}>
            {t("retry.happens")}
          </Text>
          <List size="sm" spacing={3}>
            <List.Item>
              {changed
                ? t("retry.happens.document.changed", { count: changedLines })
                : t("retry.happens.document.same")}
            </List.Item>
            <List.Item>
              {from === "failed" ? t("retry.happens.failed", { step }) : t("retry.happens.start")}
            </List.Item>
            <List.Item>{t(`retry.happens.release.${release}`)}</List.Item>
            <List.Item>{t("retry.happens.letter")}</List.Item>
          </List>
        </section>
        <ProblemAlert error={retry.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("retry.cancel")}
          </Button>
          <Button
            loading={retry.isPending}
            disabled={changed && reason.trim() === ""}
            onClick={() => retry.mutate()}
          >
            {t("retry.confirm")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
