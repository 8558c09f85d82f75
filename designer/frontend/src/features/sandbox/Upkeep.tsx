import { Button, Group, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconClock, IconKey, IconRestore } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Sandbox } from "@/api/types";
import { connectorsQuery } from "@/features/connections/queries";
import { formatDateTime } from "@/shared/time";
import { notifyProblem, VendorIcon } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { clockQuery, type SandboxClock, vendorPath } from "./queries";
import classes from "./SandboxPage.module.css";

const STEPS_S = [
  ["clock.minute", 60],
  ["clock.hour", 3_600],
  ["clock.day", 86_400],
  ["clock.month", 2_592_000],
] as const;

/** The clock of all vendors, and what puts one of them back to its beginning. */
export function Upkeep({ sandboxes }: { sandboxes: Sandbox[] }) {
  return (
    <>
      <Clock />
      <Title order={2} size="h3" mt="xl" mb="sm">
        {t("upkeep.vendors")}
      </Title>
      <div className={classes.vendors}>
        {sandboxes.map((sandbox) => (
          <VendorUpkeep key={sandbox.slug} sandbox={sandbox} />
        ))}
      </div>
    </>
  );
}

function Clock() {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const { data } = useQuery(clockQuery(ws));
  const move = useMutation({
    mutationFn: (wish: { advance_s: number } | { offset_s: number }) =>
      api.put<SandboxClock>(inWorkspace(ws, "/sandboxes/clock"), wish),
    onSuccess: (clock) => {
      cache.setQueryData(clockQuery(ws).queryKey, clock);
      return cache.invalidateQueries({ queryKey: keys.sandboxes(ws) });
    },
    onError: (error) => notifyProblem(error),
  });
  const ahead = data && data.offset_s !== 0;
  return (
    <section className={classes.vendor} aria-label={t("clock.title")}>
      <Group gap="sm" mb={4}>
        <IconClock size={20} aria-hidden />
        <Title order={2} size="h3">
          {t("clock.title")}
        </Title>
      </Group>
      <Text size="sm" c="dimmed" maw={720}>
        {t("clock.text")}
      </Text>
      <Group mt="md" gap="xs">
        <Text fw={600} role="status" className={classes.total}>
          {data ? formatDateTime(data.now) : "…"}
        </Text>
        <Text size="sm" c="dimmed">
          {data && (ahead ? t("clock.ahead", { hours: hours(data.offset_s) }) : t("clock.real"))}
        </Text>
      </Group>
      {can("sandbox.use") && (
        <Group mt="sm" gap="xs">
          {STEPS_S.map(([word, seconds]) => (
            <Button
              key={word}
              size="xs"
              variant="default"
              disabled={move.isPending}
              onClick={() => move.mutate({ advance_s: seconds })}
            >
              {t(word)}
            </Button>
          ))}
          <Button
            size="xs"
            variant="subtle"
            disabled={!ahead || move.isPending}
            onClick={() => move.mutate({ offset_s: 0 })}
          >
            {t("clock.back")}
          </Button>
        </Group>
      )}
    </section>
  );
}

function hours(seconds: number): string {
  return (seconds / 3_600).toLocaleString("en", { maximumFractionDigits: 1 });
}

function VendorUpkeep({ sandbox }: { sandbox: Sandbox }) {
  const { ws, can } = useWorkspace();
  const { data: connectors } = useQuery(connectorsQuery(ws));
  const icon = connectors?.find(({ slug }) => slug === sandbox.slug)?.icon;
  const cache = useQueryClient();
  const act = useMutation({
    mutationFn: (what: "reset" | "credentials") => api.post(vendorPath(ws, sandbox.slug, what)),
    onSuccess: (_answer, what) => {
      notifications.show({ message: t(`upkeep.${what}.done`, { name: sandbox.name }) });
      return cache.invalidateQueries({ queryKey: keys.sandboxes(ws) });
    },
    onError: (error) => notifyProblem(error),
  });
  const ask = (what: "reset" | "credentials") =>
    modals.openConfirmModal({
      title: t(`upkeep.${what}.title`, { name: sandbox.name }),
      children: <Text size="sm">{t(`upkeep.${what}.text`)}</Text>,
      labels: { confirm: t(`upkeep.${what}`), cancel: t("record.cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => act.mutate(what),
    });
  return (
    <section className={classes.vendor} aria-label={sandbox.name}>
      <Group gap="sm">
        <VendorIcon icon={icon ?? sandbox.slug} name={sandbox.name} />
        <Title order={3} size="h4">
          {sandbox.name}
        </Title>
      </Group>
      <Text size="sm" c="dimmed" mt={6} className={classes.path}>
        {sandbox.url}
      </Text>
      {can("sandbox.use") && (
        <Group mt="md" gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconKey size={15} aria-hidden />}
            onClick={() => ask("credentials")}
          >
            {t("upkeep.credentials")}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRestore size={15} aria-hidden />}
            onClick={() => ask("reset")}
          >
            {t("upkeep.reset")}
          </Button>
        </Group>
      )}
    </section>
  );
}
