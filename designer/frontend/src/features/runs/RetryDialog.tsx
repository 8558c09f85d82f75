import { Button, Group, List, Modal, Radio, Select, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { parseExact } from "@/api/exact";
import { keys } from "@/api/queries";
import type { DeadLetterDetail } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { forecastQuery } from "./queries";
import { r } from "./records.en";

type From = "failed" | "step" | "start";
type Release = "original" | "newest" | "draft";
const FROM: readonly From[] = ["failed", "step", "start"];
/** What the steps do of which a person must know before. */
const TOLD = ["will_send", "already_posted", "in_doubt"] as const;
const RELEASES: readonly Release[] = ["original", "newest", "draft"];

interface RetryDialogProps {
  record: DeadLetterDetail;
  opened: boolean;
  onClose: () => void;
  /** The changed document as JSON text, or null where nothing is changed. */
  document: string | null;
  changedLines: number;
}

/** Where to begin and with which version; the list below says what will happen. */
export function RetryDialog(props: RetryDialogProps) {
  const { record, opened, onClose, document, changedLines } = props;
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const changed = document !== null;
  const [chosen, setFrom] = useState<From>("failed");
  const [reason, setReason] = useState("");
  const [release, setRelease] = useState<Release>("original");
  // Steps before the failed one worked on the old document: they must see the change too.
  const from: From = changed ? "start" : chosen;
  const steps = record.steps ?? [];
  const [step, setStep] = useState(steps[0]?.id ?? "");
  const forecast = useQuery({
    ...forecastQuery(ws, record.id, {
      from,
      ...(from === "step" && { step }),
      release,
    }),
    enabled: opened && (from !== "step" || step !== ""),
  });
  const retry = useMutation({
    mutationFn: () =>
      api.post<{ run_id: string }>(
        inWorkspace(ws, `/dead-letters/${encodeURIComponent(record.id)}/retry`),
        {
          from,
          release,
          ...(from === "step" && { step }),
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
  const failed = record.node.name;
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
            {FROM.filter((value) => value !== "step" || steps.length > 1).map((value) => (
              <Radio
                key={value}
                value={value}
                disabled={changed && value !== "start"}
                label={value === "step" ? r("retry.from.step") : t(`retry.from.${value}`)}
                description={
                  value === "failed"
                    ? t("retry.from.failed.text", { step: failed })
                    : value === "step"
                      ? r("retry.from.step.text")
                      : t("retry.from.start.text")
                }
              />
            ))}
          </Stack>
        </Radio.Group>
        {from === "step" && (
          <Select
            label={r("retry.step")}
            data={steps.map(({ id, name }) => ({ value: id, label: name }))}
            value={step}
            allowDeselect={false}
            onChange={(value) => setStep(value ?? "")}
          />
        )}
        <Radio.Group
          label={t("retry.release")}
          description={record.is_item ? r("retry.itemLoop") : undefined}
          value={release}
          onChange={(value) => setRelease(value as Release)}
        >
          <Stack gap="xs" mt="xs">
            {RELEASES.filter((value) => value !== "draft" || can("flows.test")).map((value) => (
              <Radio
                key={value}
                value={value}
                label={value === "draft" ? r("retry.release.draft") : t(`retry.release.${value}`)}
                description={
                  value === "draft"
                    ? r("retry.release.draft.text")
                    : t(`retry.release.${value}.text`)
                }
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
            {forecast.data?.outcome === "cannot" ? (
              <List.Item>{forecast.data.why}</List.Item>
            ) : (
              <List.Item>
                {from === "start"
                  ? t("retry.happens.start")
                  : t("retry.happens.failed", {
                      step: steps.find(({ id }) => from === "step" && id === step)?.name ?? failed,
                    })}
              </List.Item>
            )}
            {TOLD.map((outcome) => {
              const those = forecast.data?.steps.filter((each) => each.outcome === outcome) ?? [];
              if (those.length === 0) return null;
              const named = those.map(({ name }) => `“${name}”`).join(", ");
              return (
                <List.Item key={outcome}>
                  {r(`step.${outcome}`, { count: those.length, steps: named })}
                </List.Item>
              );
            })}
            <List.Item>
              {release === "draft"
                ? r("retry.happens.release.draft")
                : t(`retry.happens.release.${release}`)}
            </List.Item>
            <List.Item>{t("retry.happens.letter")}</List.Item>
          </List>
        </section>
        <ProblemAlert error={retry.error ?? forecast.error} />
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
