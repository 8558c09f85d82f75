import { Button, Group, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { flowsQuery } from "@/api/queries";
import { allConnectionsQuery } from "@/features/connections/queries";
import { formatDateTime } from "@/shared/time";
import { type Column, DataTable, notifyProblem, ProblemAlert } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./audit.en";
import { actionWords, detailWords, idOf, placeOf } from "./auditModel";
import { type AuditEntry, type AuditVerdict, auditQuery } from "./queries";
import classes from "./settings.module.css";

const TYPING_PAUSE_MS = 250;

/** What people did, newest first, and whether the log is whole. */
export function AuditLog() {
  const { ws } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const asked = search.q ?? "";
  const [text, setText] = useState(asked);
  const settle = useDebouncedCallback(
    (q: string) => setSearch({ q: q || undefined }),
    TYPING_PAUSE_MS,
  );
  const log = useInfiniteQuery(auditQuery(ws, asked));
  const check = useMutation({
    mutationFn: () => api.get<AuditVerdict>(inWorkspace(ws, "/audit/check")),
    onError: (error) => notifyProblem(error),
  });
  const rows = log.data?.pages.flatMap(({ items }) => items);
  const columns: Column<AuditEntry>[] = [
    {
      key: "at",
      title: t("audit.when"),
      width: 200,
      render: ({ at }) => <span className={classes.moment}>{formatDateTime(at)}</span>,
    },
    { key: "by", title: t("audit.who"), width: 150, render: ({ by }) => by },
    {
      key: "action",
      title: t("audit.what"),
      render: ({ action }) => <span title={action}>{actionWords(action)}</span>,
    },
    { key: "object", title: t("audit.to"), render: (entry) => <Target entry={entry} /> },
    {
      key: "details",
      title: t("audit.details"),
      wideOnly: true,
      render: ({ details }) => (
        <Text size="xs" c="dimmed" lineClamp={2} title={detailWords(details)}>
          {detailWords(details)}
        </Text>
      ),
    },
  ];
  return (
    <section className={classes.section} aria-labelledby="settings-audit">
      <h2 id="settings-audit">{t("audit.title")}</h2>
      <p className={classes.lead}>{t("audit.text")}</p>
      <Group mb="md" gap="sm">
        <TextInput
          type="search"
          w={{ base: "100%", xs: 280 }}
          aria-label={t("audit.search")}
          placeholder={t("audit.search")}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            settle(event.currentTarget.value.trim());
          }}
        />
        <Button
          variant="default"
          leftSection={<IconShieldCheck size={16} aria-hidden />}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t("audit.check")}
        </Button>
      </Group>
      {check.data && <Verdict verdict={check.data} />}
      {log.error && !rows ? (
        <ProblemAlert error={log.error} onRetry={() => void log.refetch()} />
      ) : (
        <DataTable
          label={t("audit.title")}
          columns={columns}
          rows={rows}
          loading={!rows}
          rowKey={({ seq }) => String(seq)}
          empty={
            <Text size="sm" c="dimmed">
              {asked ? t("audit.none", { text: asked }) : t("audit.empty")}
            </Text>
          }
          hasMore={log.hasNextPage}
          loadingMore={log.isFetchingNextPage}
          onMore={() => void log.fetchNextPage()}
        />
      )}
    </section>
  );
}

function Target({ entry: { object, details, name: person } }: { entry: AuditEntry }) {
  const { ws } = useWorkspace();
  const place = placeOf(object);
  const { data: flows } = useQuery(flowsQuery(ws));
  const { data: connections } = useQuery(allConnectionsQuery(ws));
  const id = idOf(object);
  const known = [...(flows ?? []), ...(connections ?? [])].find((one) => one.id === id)?.name;
  const told = [details.name, details.table].find((one) => typeof one === "string" && one);
  const name = String(person || told || known || id);
  return place ? (
    <Link to={`/w/${ws}${place}` as never} title={object} className={classes.object}>
      {name}
    </Link>
  ) : (
    <span className={classes.object} title={object}>
      {name}
    </span>
  );
}

function Verdict({ verdict }: { verdict: AuditVerdict }) {
  return (
    <div role="status" className={classes.verdict}>
      {verdict.intact ? (
        <Notice
          tone="green"
          icon={<IconShieldCheck size={17} />}
          title={t("audit.intact", { count: verdict.entries })}
        />
      ) : (
        <Notice
          tone="red"
          icon={<IconShieldX size={17} />}
          title={t("audit.broken", {
            number: String(verdict.broken_at ?? 0),
            reason: verdict.reason,
          })}
        >
          {t("audit.broken.text")}
        </Notice>
      )}
    </div>
  );
}
