import {
  Button,
  Group,
  Modal,
  Progress,
  Radio,
  Select,
  Stack,
  Text,
  Textarea,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import type { BulkJob } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { Outcomes } from "./Outcomes";
import { bulkKey, bulkQuery, membersQuery } from "./queries";
import { r } from "./records.en";

export type BulkAction = BulkJob["action"];

export interface BulkWish {
  action: BulkAction;
  /** Which open records: a filter, or their ids. */
  choice: {
    flow?: string;
    cause?: string;
    q?: string;
    assignee?: string;
    job?: string;
    ids?: string[];
  };
  count: number;
}

interface BulkDialogProps {
  wish: BulkWish | null;
  onClose: () => void;
  onBegun: () => void;
}

/** One thing for many records; says for how many it will do what before it begins. */
export function BulkDialog({ wish, onClose, onBegun }: BulkDialogProps) {
  const title = wish ? r(`bulk.${wish.action}.title`, { count: wish.count }) : "";
  return (
    <Modal opened={wish !== null} onClose={onClose} title={title} size="lg">
      {wish && <Content wish={wish} onClose={onClose} onBegun={onBegun} />}
    </Modal>
  );
}

type From = "failed" | "start";
type Release = "original" | "newest" | "draft";

function Content({ wish, onClose, onBegun }: BulkDialogProps & { wish: BulkWish }) {
  const { ws, env, can } = useWorkspace();
  const cache = useQueryClient();
  const [from, setFrom] = useState<From>("failed");
  const [release, setRelease] = useState<Release>("original");
  const [reason, setReason] = useState("");
  const [member, setMember] = useState("");
  const members = useQuery({ ...membersQuery(ws), enabled: wish.action === "assign" });
  const body = {
    action: wish.action,
    choice: wish.choice,
    environment: env,
    from,
    release,
    member_id: member,
    reason: reason.trim(),
  };
  const begin = useMutation({
    mutationFn: () => api.post<BulkJob>(inWorkspace(ws, "/dead-letters/bulk"), body),
    onSuccess: () => {
      notifications.show({ message: r("bulk.begun") });
      void cache.invalidateQueries({ queryKey: bulkKey(ws) });
      onBegun();
      onClose();
    },
  });
  const releases: Release[] =
    wish.choice.flow && can("flows.test")
      ? ["original", "newest", "draft"]
      : ["original", "newest"];
  const skips = wish.action === "skip";
  return (
    <Stack gap="md">
      {wish.action === "retry" && (
        <>
          <Radio.Group
            label={t("retry.from")}
            value={from}
            onChange={(value) => setFrom(value as From)}
          >
            <Group gap="lg" mt={6}>
              <Radio value="failed" label={t("retry.from.failed")} />
              <Radio value="start" label={t("retry.from.start")} />
            </Group>
          </Radio.Group>
          <Radio.Group
            label={t("retry.release")}
            value={release}
            onChange={(value) => setRelease(value as Release)}
          >
            <Stack gap={6} mt={6}>
              {releases.map((value) => (
                <Radio
                  key={value}
                  value={value}
                  label={value === "draft" ? r("retry.release.draft") : t(`retry.release.${value}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Rehearsal wish={wish} from={from} release={release} />
        </>
      )}
      {skips && <Text size="sm">{r("bulk.skip.text")}</Text>}
      {wish.action === "assign" && (
        <Select
          label={r("bulk.member")}
          data={[
            { value: "", label: r("filter.nobody") },
            ...(members.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={member}
          allowDeselect={false}
          onChange={(value) => setMember(value ?? "")}
        />
      )}
      {wish.action !== "assign" && (
        <Textarea
          required={skips}
          autosize
          minRows={2}
          label={skips ? r("bulk.reason") : r("bulk.note")}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      <ProblemAlert error={begin.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {r("bulk.cancel")}
        </Button>
        <Button
          color={skips ? "red" : undefined}
          disabled={skips && reason.trim() === ""}
          loading={begin.isPending}
          onClick={() => begin.mutate()}
        >
          {r(`bulk.confirm.${wish.action}`)}
        </Button>
      </Group>
    </Stack>
  );
}

/** Works out in the background what a retry would do, and tells it by outcome. */
function Rehearsal({ wish, from, release }: { wish: BulkWish; from: From; release: Release }) {
  const { ws, env } = useWorkspace();
  const begin = useMutation({
    mutationFn: () =>
      api.post<BulkJob>(inWorkspace(ws, "/dead-letters/bulk"), {
        action: "retry",
        choice: wish.choice,
        environment: env,
        from,
        release,
        rehearsal: true,
      }),
  });
  const { mutate } = begin;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each wish is worked out anew
  useEffect(() => mutate(), [mutate, from, release, wish]);
  const job = useQuery(bulkQuery(ws, begin.data?.id ?? null)).data;
  return (
    <section aria-live="polite">
      <Text size="sm" fw={550} mb={6}>
        {r("bulk.happens")}
      </Text>
      <ProblemAlert error={begin.error} />
      {job && job.status !== "running" ? (
        <Outcomes counts={job.counts} explained />
      ) : (
        !begin.error && (
          <>
            <Text size="xs" c="dimmed" mb={4}>
              {r("bulk.working", { done: job?.done ?? 0, total: job?.total ?? wish.count })}
            </Text>
            <Progress
              size="sm"
              value={job ? (100 * job.done) / Math.max(1, job.total) : 0}
              aria-label={r("bulk.happens")}
            />
          </>
        )
      )}
      <Text size="xs" c="dimmed" mt={8}>
        {r("bulk.changesLater")}
      </Text>
    </section>
  );
}
