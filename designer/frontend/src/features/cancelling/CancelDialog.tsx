import { Button, Group, List, Loader, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { RunForecast, RunJob, RunStatus } from "@/api/types";
import { formatNumber } from "@/shared/time";
import { ProblemAlert, StatusBadge, statusLook } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import classes from "./cancelling.module.css";
import { t } from "./en";
import { Job } from "./Jobs";
import { type CancelOf, choiceOf, type First, heldBack, settled } from "./model";
import { forecastQuery, runJobQuery, runJobsKey } from "./queries";

interface CancelDialogProps {
  of: CancelOf;
  environment: string;
  opened: boolean;
  onClose: () => void;
}

const SHOWN_FLOWS = 5;

/** Says how many runs there are and what it means, cancels them, and shows how far that is. */
export function CancelDialog({ of, environment, opened, onClose }: CancelDialogProps) {
  const filtered = of.kind === "filter" && Object.keys(settled(of.choice)).length > 0;
  const title =
    of.kind === "filter"
      ? t(filtered ? "title.filter" : "title.all")
      : t(`title.${of.kind}`, { name: of.name });
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg">
      {opened && <Content of={of} environment={environment} onClose={onClose} />}
    </Modal>
  );
}

type ContentProps = Omit<CancelDialogProps, "opened">;

function Content({ of, environment, onClose }: ContentProps) {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const [first, setFirst] = useState<First>("");
  const [reason, setReason] = useState("");
  const choice = choiceOf(of);
  const forecast = useQuery(forecastQuery(ws, environment, choice));
  const begin = useMutation({
    mutationFn: () =>
      api.post<RunJob>(inWorkspace(ws, "/runs/bulk"), {
        choice: settled(choice),
        first,
        reason: reason.trim(),
        environment,
      }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: runJobsKey(ws) });
      if (first === "pause") void cache.invalidateQueries({ queryKey: [ws, "pauses"] });
      if (first === "switch_off") {
        void cache.invalidateQueries({ queryKey: keys.flows(ws) });
        void cache.invalidateQueries({ queryKey: [ws, "flow"] });
      }
    },
  });
  if (begin.data) return <Begun job={begin.data} onClose={onClose} />;
  if (!forecast.data) {
    return forecast.error ? (
      <ProblemAlert error={forecast.error} onRetry={() => void forecast.refetch()} />
    ) : (
      <Group gap="sm" role="status">
        <Loader size="xs" />
        <Text size="sm">{t("counting")}</Text>
      </Group>
    );
  }
  const { total } = forecast.data;
  if (total === 0) {
    return (
      <Stack gap="md">
        <Text size="sm">{t("none")}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("close")}
          </Button>
        </Group>
      </Stack>
    );
  }
  const held = heldBack(of);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate();
      }}
    >
      <Stack gap="md">
        <UnderWay forecast={forecast.data} named={of.kind !== "flow" && !choice.flow} />
        <Meaning of={of} inDoubt={forecast.data.counts.in_doubt ?? 0} />
        {held && (
          <Before
            of={held}
            value={first}
            mayPublish={can("flows.publish", environment)}
            onChange={setFirst}
          />
        )}
        <TextInput
          label={t("reason")}
          description={t("reason.help")}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <ProblemAlert error={begin.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("keep")}
          </Button>
          <Button type="submit" color="red" loading={begin.isPending}>
            {t("confirm", { count: total })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function UnderWay({ forecast, named }: { forecast: RunForecast; named: boolean }) {
  const states = Object.entries(forecast.counts) as [RunStatus, number][];
  const rest = forecast.flows.length - SHOWN_FLOWS;
  return (
    <section className={classes.count} aria-live="polite">
      <Group gap="sm" justify="space-between">
        <Text fw={600}>{t("count", { count: forecast.total })}</Text>
        <Group gap={6}>
          {states.map(([status, count]) => (
            <StatusBadge
              key={status}
              status={status}
              size="sm"
              label={t("count.status", {
                status: statusLook(status).word,
                count: formatNumber(count),
              })}
            />
          ))}
        </Group>
      </Group>
      {named && (
        <ul className={classes.flows}>
          {forecast.flows.slice(0, SHOWN_FLOWS).map(({ id, name, runs }) => (
            <li key={id}>{t("count.flow", { name, count: runs })}</li>
          ))}
          {rest > 0 && <li>{t("count.more", { count: rest })}</li>}
        </ul>
      )}
    </section>
  );
}

function Meaning({ of, inDoubt }: { of: CancelOf; inDoubt: number }) {
  return (
    <section>
      <Text size="sm" fw={550} mb={6}>
        {t("means.title")}
      </Text>
      <List size="sm" spacing={4}>
        <List.Item>{t("means.end")}</List.Item>
        <List.Item>{t("means.posted")}</List.Item>
        {inDoubt > 0 && <List.Item>{t("means.doubt", { count: inDoubt })}</List.Item>}
        {of.kind === "connection" && <List.Item>{t("means.past")}</List.Item>}
        <List.Item>{t("means.errors")}</List.Item>
      </List>
    </section>
  );
}

interface BeforeProps {
  of: "flow" | "connection";
  value: First;
  mayPublish: boolean;
  onChange: (value: First) => void;
}

function Before({ of, value, mayPublish, onChange }: BeforeProps) {
  return (
    <Radio.Group
      label={t(`first.${of}`)}
      value={value}
      onChange={(chosen) => onChange(chosen as First)}
    >
      <Stack gap={8} mt={8}>
        <Radio value="" label={t(`first.none.${of}`)} />
        <Radio
          value="pause"
          label={t(`first.pause.${of}`)}
          description={t(`first.pause.${of}.text`)}
        />
        {of === "flow" && mayPublish && (
          <Radio value="switch_off" label={t("first.off")} description={t("first.off.text")} />
        )}
      </Stack>
    </Radio.Group>
  );
}

function Begun({ job, onClose }: { job: RunJob; onClose: () => void }) {
  const { ws } = useWorkspace();
  // It may have ended, and been told, before this was on the screen: so it is asked for at once.
  const { data = job } = useQuery({
    ...runJobQuery(ws, job.id),
    initialData: job,
    initialDataUpdatedAt: 0,
  });
  const open = data.status === "running" || data.status === "paused";
  return (
    <Stack gap="md">
      <Job job={data} />
      {open && (
        <Text size="sm" c="dimmed">
          {t("begun.text")}
        </Text>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {t("close")}
        </Button>
      </Group>
    </Stack>
  );
}
