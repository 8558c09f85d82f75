import {
  Badge,
  Button,
  Checkbox,
  Collapse,
  Group,
  SegmentedControl,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import {
  IconBulb,
  IconChevronRight,
  IconCircleCheck,
  IconDownload,
  IconHourglassLow,
  IconInbox,
  IconRefresh,
  IconSearch,
  IconUser,
} from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { inWorkspace } from "@/api/client";
import type { DeadLetter, DeadLetterGroup } from "@/api/types";
import { LiveIndicator, useDeadLetterCount } from "@/live";
import { TimeAgo } from "@/shared/time";
import { EmptyState, Page, PageHeader, ProblemAlert, StatusBadge } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { type BulkAction, BulkDialog, type BulkWish } from "./BulkDialog";
import { BulkJobs } from "./BulkJobs";
import classes from "./ErrorsPage.module.css";
import { t } from "./en";
import { type DeadLetterStatus, type ErrorsSearch, errorsSearch } from "./errors";
import { deadLettersQuery, membersQuery } from "./queries";
import { FlowFilter } from "./RunsPage";
import { r } from "./records.en";
import { SuggestionLink } from "./SuggestionLink";

const STATUSES: readonly DeadLetterStatus[] = ["open", "retried", "skipped", "expired"];
const TYPING_PAUSE_MS = 250;

/** Records that need a person: causes first, each opens to its records. */
export function ErrorsPage() {
  const { ws, env } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const { cause, ...filter } = errorsSearch(search);
  const list = useInfiniteQuery(deadLettersQuery(ws, { ...filter, environment: env }));
  const [wish, setWish] = useState<BulkWish | null>(null);
  const [round, setRound] = useState(0);
  // Follows the live count, which fetches this list again whenever it moves.
  useDeadLetterCount(ws, env);

  const groups = list.data?.pages[0]?.groups;
  // The only cause stands open, and stays so when others come in while it is read.
  const [alone, setAlone] = useState<string | null>(null);
  const [only] = groups?.length === 1 ? groups : [];
  if (only && only.cause !== alone) setAlone(only.cause);
  const opened = cause ?? only?.cause ?? alone;
  const query = new URLSearchParams({ environment: env, ...filter }).toString();
  return (
    <Page>
      <PageHeader
        title={t("errors.title")}
        description={t("errors.description")}
        extra={<LiveIndicator workspace={ws} environment={env} />}
        actions={
          <Button
            variant="default"
            component="a"
            href={`/api/v1${inWorkspace(ws, "/dead-letters/export")}?${query}`}
            download
            title={r("export.hint")}
            leftSection={<IconDownload size={15} aria-hidden />}
          >
            {r("export")}
          </Button>
        }
      />
      <Filters filter={filter} onChange={setSearch} />
      <BulkJobs />
      {filter.job && (
        <div className={classes.only}>
          <Notice
            tone="blue"
            icon={<IconRefresh size={17} />}
            title={r("failedAgain.only")}
            actions={
              <Button size="xs" variant="default" onClick={() => setSearch({ job: undefined })}>
                {r("failedAgain.all")}
              </Button>
            }
          />
        </div>
      )}
      {list.error && !list.data ? (
        <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      ) : groups === undefined ? (
        <Stack gap="sm" aria-busy="true">
          <Skeleton height={84} radius="lg" />
          <Skeleton height={84} radius="lg" />
        </Stack>
      ) : groups.length === 0 ? (
        <Nothing status={filter.status} />
      ) : (
        <ul className={classes.causes} aria-label={t("errors.causes")}>
          {groups.map((group) => (
            <Cause
              key={`${group.cause} ${round}`}
              group={group}
              filter={filter}
              opened={groups.length === 1 || opened === group.cause}
              onToggle={(open) => {
                setAlone(null);
                setSearch({ cause: open ? group.cause : undefined });
              }}
              onWish={setWish}
            />
          ))}
        </ul>
      )}
      <BulkDialog
        wish={wish}
        onClose={() => setWish(null)}
        onBegun={() => setRound((number) => number + 1)}
      />
    </Page>
  );
}

type Filter = Omit<ErrorsSearch, "cause">;

interface FiltersProps {
  filter: Filter;
  onChange: (patch: Record<string, string | undefined>) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  const { ws } = useWorkspace();
  const { data: members = [] } = useQuery(membersQuery(ws));
  const [text, setText] = useState(filter.q ?? "");
  const settle = useDebouncedCallback(
    (q: string) => onChange({ q: q || undefined, cause: undefined }),
    TYPING_PAUSE_MS,
  );
  useEffect(() => setText(filter.q ?? ""), [filter.q]);
  return (
    <Group mb="md" gap="sm">
      <SegmentedControl
        aria-label={t("errors.status")}
        data={STATUSES.map((value) => ({ value, label: t(`errors.status.${value}`) }))}
        value={filter.status}
        onChange={(value) =>
          onChange({ status: value === "open" ? undefined : value, cause: undefined })
        }
      />
      <TextInput
        type="search"
        w={{ base: "100%", xs: 250 }}
        aria-label={r("filter.search")}
        placeholder={r("filter.search")}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          settle(event.currentTarget.value.trim());
        }}
      />
      <FlowFilter value={filter.flow ?? null} onChange={(flow) => onChange({ flow })} />
      <Select
        w={{ base: "100%", xs: 180 }}
        aria-label={r("filter.assignee")}
        placeholder={r("filter.anybody")}
        clearable
        data={[
          { value: "none", label: r("filter.nobody") },
          ...members.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        value={filter.assignee ?? null}
        onChange={(assignee) => onChange({ assignee: assignee ?? undefined })}
      />
    </Group>
  );
}

interface CauseProps {
  group: DeadLetterGroup;
  filter: Filter;
  opened: boolean;
  onToggle: (open: boolean) => void;
  onWish: (wish: BulkWish) => void;
}

function Cause({ group, filter, opened, onToggle, onWish }: CauseProps) {
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
            {group.step && <span>{group.step}</span>}
            <code>{group.code}</code>
            {group.first_at && (
              <span>
                {r("cause.since")} <TimeAgo at={group.first_at} />
              </span>
            )}
          </span>
        </span>
      </button>
      <Collapse expanded={opened}>
        {opened && <Records group={group} filter={filter} onWish={onWish} />}
      </Collapse>
    </li>
  );
}

function Records({ group, filter, onWish }: Omit<CauseProps, "opened" | "onToggle">) {
  const { ws, env, can } = useWorkspace();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const meant = { ...filter, flow: group.flow.id, cause: group.cause };
  const list = useInfiniteQuery(deadLettersQuery(ws, { ...meant, environment: env }));
  if (list.error && !list.data) {
    return <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />;
  }
  const records = list.data?.pages.flatMap((page) => page.items);
  const first = records?.[0];
  const acts = filter.status === "open" && can("runs.operate");
  const { status: _, ...choice } = meant;
  const wish = (action: BulkAction) =>
    onWish(
      chosen.length > 0
        ? { action, choice: { flow: group.flow.id, ids: [...chosen] }, count: chosen.length }
        : { action, choice, count: group.count },
    );
  const toggle = (id: string) =>
    setChosen((ids) => (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]));
  return (
    <div className={classes.body}>
      {first?.suggestion && filter.status === "open" && (
        <div className={classes.suggestion}>
          <Notice
            tone="blue"
            icon={<IconBulb size={17} />}
            title={first.suggestion.text}
            actions={<SuggestionLink record={first} />}
          />
        </div>
      )}
      {acts && <Acts chosen={chosen.length} onWish={wish} onClear={() => setChosen([])} />}
      <ul className={classes.records} aria-label={t("errors.group.records")} aria-busy={!records}>
        {records?.map((record) => (
          <Record
            key={record.id}
            record={record}
            group={group}
            chosen={acts ? chosen.includes(record.id) : undefined}
            onChoose={() => toggle(record.id)}
          />
        ))}
        {!records && (
          <li>
            <Skeleton height={40} />
          </li>
        )}
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

interface ActsProps {
  chosen: number;
  onWish: (action: BulkAction) => void;
  onClear: () => void;
}

const ACTIONS: readonly BulkAction[] = ["retry", "skip", "assign"];

function Acts({ chosen, onWish, onClear }: ActsProps) {
  return (
    <Group gap="xs" className={classes.acts}>
      {ACTIONS.map((action) => (
        <Button
          key={action}
          size="compact-sm"
          variant={action === "retry" ? "light" : "default"}
          onClick={() => onWish(action)}
        >
          {chosen > 0 ? r(`act.${action}Chosen`) : r(`act.${action}`)}
        </Button>
      ))}
      {chosen > 0 && (
        <>
          <Text size="xs" c="dimmed">
            {r("chosen.count", { count: chosen })}
          </Text>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
            {r("act.clear")}
          </Button>
        </>
      )}
    </Group>
  );
}

interface RecordProps {
  record: DeadLetter;
  group: DeadLetterGroup;
  /** Undefined where nothing can be chosen. */
  chosen: boolean | undefined;
  onChoose: () => void;
}

function Record({ record, group, chosen, onChoose }: RecordProps) {
  const { ws } = useWorkspace();
  const key = record.business_key || t("runs.noKey");
  return (
    <li className={classes.line}>
      {chosen !== undefined && (
        <Checkbox
          size="md"
          aria-label={r("record.choose", { key })}
          checked={chosen}
          onChange={onChoose}
        />
      )}
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
        {record.expires_soon && record.expires_at && (
          <Badge size="sm" color="yellow" leftSection={<IconHourglassLow size={11} aria-hidden />}>
            {r("record.expires")} <TimeAgo at={record.expires_at} />
          </Badge>
        )}
        {record.assignee && (
          <Text span size="xs" c="dimmed" className={classes.person}>
            <IconUser size={13} aria-hidden /> {record.assignee.name}
          </Text>
        )}
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
