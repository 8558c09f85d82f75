import { Button, Group, Modal, Progress, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { formatDateTime } from "@/shared/time";
import { notifyProblem, ProblemAlert } from "@/shared/ui/ProblemAlert";
import { StatusBadge } from "@/shared/ui/StatusBadge";
import { t } from "./en";
import { type Backfill, backfillsQuery, triggerKeys } from "./queries";
import classes from "./triggers.module.css";

interface BackfillDialogProps {
  ws: string;
  env: string;
  flow: { id: string; name: string };
  onClose: () => void;
}

const WEEK_MS = 7 * 86_400_000;

/** The value of a date-and-time input, in the person's own time zone. */
function inputTime(moment: Date): string {
  const pad = (number: number) => String(number).padStart(2, "0");
  const day = `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
  return `${day}T${pad(moment.getHours())}:${pad(moment.getMinutes())}`;
}

/** Reads a trigger's past between two times, and shows how far that is. */
export function BackfillDialog({ ws, env, flow, onClose }: BackfillDialogProps) {
  const cache = useQueryClient();
  const [since, setSince] = useState(() => inputTime(new Date(Date.now() - WEEK_MS)));
  const [until, setUntil] = useState("");
  const list = useQuery(backfillsQuery(ws, flow.id, env));
  const begin = useMutation({
    mutationFn: () =>
      api.post(inWorkspace(ws, "/backfills"), {
        flow_id: flow.id,
        since: new Date(since).toISOString(),
        until: until ? new Date(until).toISOString() : null,
        environment: env,
      }),
    onSuccess: () => cache.invalidateQueries({ queryKey: triggerKeys.backfills(ws, flow.id) }),
  });
  return (
    <Modal opened onClose={onClose} size="lg" title={t("backfill.title", { name: flow.name })}>
      <Stack gap="md">
        <Text size="sm">{t("backfill.text")}</Text>
        <Group align="flex-end" gap="sm" wrap="wrap">
          <TextInput
            type="datetime-local"
            label={t("backfill.since")}
            value={since}
            onChange={(event) => setSince(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label={t("backfill.until")}
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
          <Button disabled={!since} loading={begin.isPending} onClick={() => begin.mutate()}>
            {t("backfill.do")}
          </Button>
        </Group>
        <ProblemAlert error={begin.error} />
        <section aria-label={t("backfill.list")}>
          <Text size="sm" fw={600} mb={6}>
            {t("backfill.list")}
          </Text>
          {list.data?.length === 0 && (
            <Text size="sm" c="dimmed">
              {t("backfill.none")}
            </Text>
          )}
          <Stack gap="sm">
            {list.data?.map((backfill) => (
              <Reading key={backfill.id} ws={ws} backfill={backfill} />
            ))}
          </Stack>
        </section>
      </Stack>
    </Modal>
  );
}

const LOOKS = { running: "running", paused: "paused", done: "succeeded", cancelled: "cancelled" };

function Reading({ ws, backfill }: { ws: string; backfill: Backfill }) {
  const cache = useQueryClient();
  const { id, status, started, finished, since, until } = backfill;
  const change = useMutation({
    mutationFn: (action: "pause" | "resume" | "cancel") =>
      api.post(inWorkspace(ws, `/backfills/${encodeURIComponent(id)}/change`), { action }),
    onSettled: () =>
      cache.invalidateQueries({ queryKey: triggerKeys.backfills(ws, backfill.flow_id) }),
    onError: notifyProblem,
  });
  const button = (action: "pause" | "resume" | "cancel") => (
    <Button
      key={action}
      size="compact-xs"
      variant="default"
      loading={change.isPending && change.variables === action}
      onClick={() => change.mutate(action)}
    >
      {t(`backfill.${action}`)}
    </Button>
  );
  const share = started > 0 ? (100 * finished) / started : status === "done" ? 100 : 0;
  const words = t("backfill.finished", { done: finished, total: started });
  return (
    <article className={classes.reading}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <StatusBadge status={LOOKS[status]} label={t(`backfill.status.${status}`)} size="sm" />
          <Text size="sm">
            {t("backfill.range", { since: formatDateTime(since), until: formatDateTime(until) })}
          </Text>
        </Group>
        <Group gap={4}>
          {status === "running" && [button("pause"), button("cancel")]}
          {status === "paused" && [button("resume"), button("cancel")]}
        </Group>
      </Group>
      <Progress value={share} size="sm" mt={8} aria-label={words} animated={status === "running"} />
      <Text size="xs" c="dimmed" mt={4} role="status">
        {[
          t("backfill.read", { count: backfill.read }),
          t("backfill.started", { count: started }),
          t("backfill.known", { count: backfill.known }),
          started > 0 && words,
          t("backfill.by", { name: backfill.created_by }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {backfill.error?.message && status !== "cancelled" && (
        <Text size="xs" c="red" mt={2}>
          {t("backfill.failed", { why: backfill.error.message })}
        </Text>
      )}
      {backfill.error?.code === "backfill.other_trigger" && (
        <Text size="xs" c="dimmed" mt={2}>
          {backfill.error.message}
        </Text>
      )}
    </article>
  );
}
