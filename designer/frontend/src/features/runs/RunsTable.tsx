import { Badge, Button, Center, Skeleton, Text } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { RunSummary } from "@/api/types";
import { formatDuration, TimeAgo } from "@/shared/time";
import { StatusBadge } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { Elapsed } from "./Elapsed";
import { t } from "./en";
import { happened } from "./happened";
import { kindWord } from "./kinds";
import classes from "./RunsTable.module.css";

interface RunsTableProps {
  rows: RunSummary[] | undefined;
  empty: ReactNode;
  hasMore?: boolean;
  loadingMore?: boolean;
  onMore?: () => void;
  /** Leaves flow and duration out, for a place with little room. */
  compact?: boolean;
}

/** Runs, newest first. A table where there is room, one block per run on a phone. */
export function RunsTable({ rows, empty, hasMore, loadingMore, onMore, compact }: RunsTableProps) {
  if (rows && rows.length === 0) return <>{empty}</>;
  return (
    <div className={classes.frame} data-compact={compact || undefined}>
      <table className={classes.table} aria-label={t("runs.table")} aria-busy={!rows}>
        <thead>
          <tr>
            <th className={classes.status}>{t("runs.column.status")}</th>
            <th className={classes.key}>{t("runs.column.key")}</th>
            {!compact && <th className={classes.flow}>{t("runs.column.flow")}</th>}
            <th>{t("runs.column.happened")}</th>
            <th className={classes.when}>{t("runs.column.started")}</th>
            {!compact && <th className={classes.duration}>{t("runs.column.duration")}</th>}
          </tr>
        </thead>
        <tbody>
          {rows?.map((run) => (
            <RunRow key={run.id} run={run} compact={compact} />
          ))}
          {!rows &&
            [1, 2, 3, 4, 5, 6].map((key) => (
              <tr key={key}>
                <td colSpan={compact ? 4 : 6}>
                  <Skeleton height={16} radius="sm" />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {hasMore && (
        <Center py="sm">
          <Button variant="subtle" onClick={onMore} loading={loadingMore}>
            {t("runs.more")}
          </Button>
        </Center>
      )}
    </div>
  );
}

function RunRow({ run, compact }: { run: RunSummary; compact?: boolean | undefined }) {
  const { ws } = useWorkspace();
  const navigate = useNavigate();
  const key = run.business_key || t("runs.noKey");
  const target = { to: "/w/$ws/runs/$runId", params: { ws, runId: run.id } } as const;
  const loud = run.error !== null && run.status !== "succeeded" && run.status !== "cancelled";
  return (
    // The link in the row is the way for the keyboard; the row is only a larger target for a mouse.
    <tr
      className={classes.row}
      data-status={run.status}
      onClick={(event) => {
        if (!(event.target as Element).closest("a, button")) void navigate(target);
      }}
    >
      <td className={classes.status}>
        <StatusBadge status={run.status} />
      </td>
      <td className={classes.key}>
        <Link {...target} className={classes.link}>
          {key}
        </Link>
        {run.kind !== "live" && (
          <Badge size="xs" ml={6} color="gray">
            {kindWord(run.kind)}
          </Badge>
        )}
      </td>
      {!compact && (
        <td className={classes.flow}>
          <span className={classes.flowName}>
            <span className={classes.oneLine} title={run.flow.name}>
              {run.flow.name}
            </span>
            <Text span size="xs" c="dimmed">
              {run.version === null
                ? t("runs.draft")
                : t("runs.version", { number: String(run.version) })}
            </Text>
          </span>
        </td>
      )}
      <td className={classes.happened}>
        <span className={classes.twoLines} data-loud={loud || undefined} title={happened(run)}>
          {happened(run)}
        </span>
      </td>
      <td className={classes.when}>
        <TimeAgo at={run.started_at ?? run.created_at} />
      </td>
      {!compact && (
        <td className={classes.duration}>
          {run.finished_at ? (
            formatDuration(run.duration_ms)
          ) : (
            <Elapsed since={run.started_at ?? run.created_at} />
          )}
        </td>
      )}
    </tr>
  );
}
