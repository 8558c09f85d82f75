import {
  Badge,
  Button,
  Collapse,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
} from "@mantine/core";
import { IconChevronRight, IconCircleCheck, IconInbox } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { DeadLetter, DeadLetterGroup } from "@/api/types";
import { LiveIndicator, useDeadLetterCount } from "@/live";
import { TimeAgo } from "@/shared/time";
import { EmptyState, Page, PageHeader, ProblemAlert, StatusBadge } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import classes from "./ErrorsPage.module.css";
import { t } from "./en";
import { causeKey, type DeadLetterStatus, errorsSearch, recordsOf } from "./errors";
import { deadLettersQuery } from "./queries";
import { FlowFilter } from "./RunsPage";

const STATUSES: readonly DeadLetterStatus[] = ["open", "retried", "skipped"];

/** Records that need a person: causes first, each opens to its records. */
export function ErrorsPage() {
  const { ws, env } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const { status, flow, cause } = errorsSearch(search);
  const list = useInfiniteQuery(
    deadLettersQuery(ws, { status, environment: env, ...(flow && { flow }) }),
  );
  // Follows the live count, which fetches this list again whenever it moves.
  useDeadLetterCount(ws, env);

  const groups = list.data?.pages[0]?.groups;
  return (
    <Page>
      <PageHeader
        title={t("errors.title")}
        description={t("errors.description")}
        extra={<LiveIndicator workspace={ws} environment={env} />}
      />
      <Group mb="md" gap="sm">
        <SegmentedControl
          aria-label={t("errors.status")}
          data={STATUSES.map((value) => ({ value, label: t(`errors.status.${value}`) }))}
          value={status}
          onChange={(value) =>
            setSearch({ status: value === "open" ? undefined : value, cause: undefined })
          }
        />
        <FlowFilter value={flow ?? null} onChange={(value) => setSearch({ flow: value })} />
      </Group>
      {list.error && !list.data ? (
        <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      ) : groups === undefined ? (
        <Stack gap="sm" aria-busy="true">
          <Skeleton height={84} radius="lg" />
          <Skeleton height={84} radius="lg" />
        </Stack>
      ) : groups.length === 0 ? (
        <Nothing status={status} />
      ) : (
        <ul className={classes.causes} aria-label={t("errors.causes")}>
          {groups.map((group) => (
            <Cause
              key={causeKey(group)}
              group={group}
              groups={groups}
              status={status}
              opened={groups.length === 1 || cause === causeKey(group)}
              onToggle={(open) => setSearch({ cause: open ? causeKey(group) : undefined })}
            />
          ))}
        </ul>
      )}
    </Page>
  );
}

interface CauseProps {
  group: DeadLetterGroup;
  groups: DeadLetterGroup[];
  status: DeadLetterStatus;
  opened: boolean;
  onToggle: (open: boolean) => void;
}

function Cause({ group, groups, status, opened, onToggle }: CauseProps) {
  return (
    <li className={classes.cause}>
      <button
        type="button"
        className={classes.head}
        aria-expanded={opened}
        onClick={() => onToggle(!opened)}
      >
        <IconChevronRight size={17} className={classes.chevron} aria-hidden />
        <span className={classes.words}>
          <span className={classes.message}>
            <span className={classes.count}>{t("errors.count", { count: group.count })}</span>{" "}
            {group.message}
          </span>
          <span className={classes.facts}>
            <span>{group.flow.name}</span>
            <code>{group.code}</code>
          </span>
        </span>
      </button>
      <Collapse expanded={opened}>
        {opened && <Records group={group} groups={groups} status={status} />}
      </Collapse>
    </li>
  );
}

function Records({ group, groups, status }: Omit<CauseProps, "opened" | "onToggle">) {
  const { ws, env } = useWorkspace();
  const list = useInfiniteQuery(
    deadLettersQuery(ws, { status, environment: env, flow: group.flow.id, code: group.code }),
  );
  if (list.error && !list.data) {
    return <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />;
  }
  const records =
    list.data &&
    recordsOf(
      group,
      groups,
      list.data.pages.flatMap((page) => page.items),
    );
  return (
    <div className={classes.body}>
      <ul className={classes.records} aria-label={t("errors.group.records")} aria-busy={!records}>
        {records?.map((record) => (
          <Record key={record.id} record={record} group={group} />
        ))}
        {!records && <Skeleton height={40} />}
      </ul>
      {list.hasNextPage && (
        <Button
          variant="subtle"
          size="xs"
          m="xs"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("runs.more")}
        </Button>
      )}
    </div>
  );
}

function Record({ record, group }: { record: DeadLetter; group: DeadLetterGroup }) {
  const { ws } = useWorkspace();
  const key = record.business_key || t("runs.noKey");
  return (
    <li>
      <Link
        to="/w/$ws/errors/$deadLetterId"
        params={{ ws, deadLetterId: record.id }}
        className={classes.record}
        aria-label={t("errors.record", { key })}
      >
        <span className={classes.key}>{key}</span>
        <span className={classes.where}>
          {record.message === group.message ? record.node.name : record.message}
        </span>
        {record.status !== "open" && <StatusBadge status={record.status} size="sm" />}
        <Text span size="xs" c="dimmed">
          <TimeAgo at={record.created_at} />
        </Text>
        <Badge variant="default" size="sm" aria-hidden className={classes.open}>
          {t("errors.record.open")}
        </Badge>
      </Link>
    </li>
  );
}

function Nothing({ status }: { status: DeadLetterStatus }) {
  if (status === "open") {
    return (
      <EmptyState icon={IconCircleCheck} title={t("errors.empty.open.title")}>
        {t("errors.empty.open")}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconInbox} title={t("errors.empty.other.title")}>
      {t("errors.empty.other")}
    </EmptyState>
  );
}
