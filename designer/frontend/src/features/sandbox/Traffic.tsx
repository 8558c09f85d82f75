import { Badge, Button, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { Sandbox } from "@/api/types";
import { formatDateTime, formatNumber, TimeAgo } from "@/shared/time";
import { type Column, DataTable, JsonView, notifyProblem, ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import {
  type CallRecord,
  callsQuery,
  type OutgoingWebhook,
  vendorPath,
  webhooksQuery,
} from "./queries";
import classes from "./SandboxPage.module.css";
import { useVendor, VendorBar } from "./VendorBar";

/** What came in and what was sent out: the vendor's own view of the traffic. */
export function Traffic({ sandboxes }: { sandboxes: Sandbox[] }) {
  const vendor = useVendor(sandboxes);
  if (!vendor) return null;
  return (
    <>
      <div className={classes.bar}>
        <VendorBar sandboxes={sandboxes} chosen={vendor} />
      </div>
      <Stack gap="xl" key={vendor.slug}>
        <Webhooks vendor={vendor} />
        <Calls vendor={vendor} />
      </Stack>
    </>
  );
}

const STATE_COLOURS: Record<OutgoingWebhook["state"], string> = {
  pending: "blue",
  held: "yellow",
  lost: "red",
  delivered: "green",
  given_up: "red",
};

function Webhooks({ vendor }: { vendor: Sandbox }) {
  const { ws, can } = useWorkspace();
  const cache = useQueryClient();
  const { data, error, refetch } = useQuery(webhooksQuery(ws, vendor.slug));
  const [opened, setOpened] = useState<OutgoingWebhook | null>(null);
  const move = useMutation({
    mutationFn: ({ id, wish }: { id: number; wish: "send" | "hold" | "drop" }) =>
      api.post(vendorPath(ws, vendor.slug, `webhooks/${id}/${wish}`)),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.sandboxes(ws) }),
    onError: (error) => notifyProblem(error),
  });
  const columns: Column<OutgoingWebhook>[] = [
    { key: "id", title: t("webhooks.number"), width: 70, render: ({ id }) => <b>{id}</b> },
    { key: "at", title: t("webhooks.promised"), render: (row) => <TimeAgo at={row.created_at} /> },
    {
      key: "state",
      title: t("webhooks.state"),
      render: (row) => (
        <Badge variant="dot" tt="none" color={STATE_COLOURS[row.state]}>
          {t(`webhooks.state.${row.state}`)}
        </Badge>
      ),
    },
    {
      key: "attempts",
      title: t("webhooks.attempts"),
      align: "right",
      width: 90,
      render: ({ attempts }) => formatNumber(attempts),
    },
    {
      key: "error",
      title: t("webhooks.said"),
      wideOnly: true,
      render: ({ last_error }) => last_error,
    },
    {
      key: "moves",
      title: t("webhooks.moves"),
      align: "right",
      render: (row) =>
        can("sandbox.use") && (
          <Group gap={4} justify="flex-end" wrap="nowrap">
            {movesOf(row.state).map((wish) => (
              <Button
                key={wish}
                size="compact-xs"
                variant="default"
                onClick={(event) => {
                  event.stopPropagation();
                  move.mutate({ id: row.id, wish });
                }}
              >
                {t(row.attempts > 0 && wish === "send" ? "webhooks.again" : `webhooks.${wish}`)}
              </Button>
            ))}
          </Group>
        ),
    },
  ];
  return (
    <section aria-label={t("webhooks.title")}>
      <Title order={2} size="h3" mb={4}>
        {t("webhooks.title")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("webhooks.text", { name: vendor.name })}
      </Text>
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          label={t("webhooks.title")}
          columns={columns}
          rows={data}
          loading={!data}
          rowKey={({ id }) => String(id)}
          onOpen={setOpened}
          rowLabel={({ id }) => t("webhooks.open", { id })}
          empty={
            <Text size="sm" c="dimmed">
              {t("webhooks.none")}
            </Text>
          }
        />
      )}
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="lg"
        title={t("webhooks.one", { id: opened?.id ?? "" })}
      >
        {opened && (
          <Stack gap="sm">
            <Text size="sm">{t("webhooks.to", { url: opened.url })}</Text>
            <Text size="sm" c="dimmed">
              {t("webhooks.due", { when: formatDateTime(opened.due_at) })}
            </Text>
            <JsonView
              value={parsed(opened.body)}
              label={t("webhooks.body")}
              maxHeight="calc(100vh - 190px)"
            />
          </Stack>
        )}
      </Drawer>
    </section>
  );
}

function movesOf(state: OutgoingWebhook["state"]): ("send" | "hold" | "drop")[] {
  if (state === "pending") return ["hold", "drop"];
  if (state === "held") return ["send", "drop"];
  return ["send"];
}

function Calls({ vendor }: { vendor: Sandbox }) {
  const { ws } = useWorkspace();
  const { data, error, refetch } = useQuery(callsQuery(ws, vendor.slug));
  const [opened, setOpened] = useState<CallRecord | null>(null);
  const columns: Column<CallRecord>[] = [
    { key: "at", title: t("calls.at"), width: 130, render: (row) => <TimeAgo at={row.at} /> },
    {
      key: "call",
      title: t("calls.call"),
      render: ({ method, path }) => (
        <Text span size="sm" className={classes.path}>
          <b>{method}</b> {path}
        </Text>
      ),
    },
    {
      key: "status",
      title: t("calls.status"),
      width: 190,
      render: ({ status, ending }) => (
        <Group gap={6} wrap="nowrap">
          <Badge
            variant="dot"
            tt="none"
            color={status < 300 ? "green" : status < 500 ? "yellow" : "red"}
          >
            {status}
          </Badge>
          {ending !== "whole" && ending !== "refused" && (
            <Badge variant="dot" tt="none" color="red">
              {t(`calls.ending.${ending}`)}
            </Badge>
          )}
        </Group>
      ),
    },
    {
      key: "ms",
      title: t("calls.duration"),
      align: "right",
      width: 90,
      wideOnly: true,
      render: ({ duration_ms }) => t("calls.ms", { ms: formatNumber(duration_ms) }),
    },
  ];
  return (
    <section aria-label={t("calls.title")}>
      <Title order={2} size="h3" mb={4}>
        {t("calls.title")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("calls.text")}
      </Text>
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : (
        <DataTable
          label={t("calls.title")}
          columns={columns}
          rows={data}
          loading={!data}
          rowKey={({ id }) => String(id)}
          onOpen={setOpened}
          rowLabel={({ method, path }) => t("calls.open", { call: `${method} ${path}` })}
          empty={
            <Text size="sm" c="dimmed">
              {t("calls.none")}
            </Text>
          }
        />
      )}
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="lg"
        title={opened ? `${opened.method} ${opened.path.split("?")[0]}` : ""}
      >
        {opened && (
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {formatDateTime(opened.at)} · {opened.status}
            </Text>
            {opened.request && (
              <JsonView value={parsed(opened.request)} label={t("calls.request")} />
            )}
            <JsonView value={parsed(opened.reply)} label={t("calls.reply")} />
          </Stack>
        )}
      </Drawer>
    </section>
  );
}

/** The document where the text is one, else the text itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
