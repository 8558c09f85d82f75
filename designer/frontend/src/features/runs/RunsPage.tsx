import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconActivity, IconFilterOff, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { flowsQuery } from "@/api/queries";
import { CancelFiltered, RunJobs, underWay } from "@/features/cancelling";
import { LiveIndicator, useRunsLive } from "@/live";
import { EmptyState, Page, PageHeader, ProblemAlert } from "@/shared/ui";
import { isProduction, useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { runsSearch } from "./model";
import { runsQuery } from "./queries";
import { RunsTable } from "./RunsTable";
import { StatusFilter } from "./StatusFilter";

const TYPING_PAUSE_MS = 250;

/** Every run of the environment, ticking, found by the number of its record. */
export function RunsPage() {
  const { ws, env } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const filter = runsSearch(search);
  const list = useInfiniteQuery(runsQuery(ws, env, filter));
  useRunsLive(ws, env);

  const rows = list.data?.pages.flatMap((page) => page.items);
  const counts = list.data?.pages[0]?.counts ?? {};
  const filtered = Boolean(filter.status || filter.flow || filter.q);
  const clear = () => setSearch({ status: undefined, flow: undefined, q: undefined });

  return (
    <Page wide>
      <PageHeader
        title={t("runs.title")}
        description={t("runs.description")}
        extra={<LiveIndicator workspace={ws} environment={env} />}
        actions={<CancelFiltered choice={filter} count={underWay(counts, filter.status)} />}
      />
      <RunJobs />
      <Group mb="md" gap="sm" align="flex-end">
        <KeySearch value={filter.q ?? ""} onChange={(q) => setSearch({ q: q || undefined })} />
        <FlowFilter value={filter.flow ?? null} onChange={(flow) => setSearch({ flow })} />
        <StatusFilter
          counts={counts}
          value={filter.status}
          onChange={(status) => setSearch({ status })}
        />
        {filtered && (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconFilterOff size={15} aria-hidden />}
            onClick={clear}
          >
            {t("runs.filter.clear")}
          </Button>
        )}
      </Group>
      {list.error && !rows ? (
        <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <RunsTable
          rows={rows}
          empty={filtered ? <NothingMatches onClear={clear} /> : <NoRunsYet />}
          hasMore={list.hasNextPage}
          loadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
        />
      )}
    </Page>
  );
}

function KeySearch({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const settle = useDebouncedCallback(onChange, TYPING_PAUSE_MS);
  // Back, forward and "clear" change the address; the box follows.
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      type="search"
      w={{ base: "100%", xs: 240 }}
      aria-label={t("runs.filter.search")}
      placeholder={t("runs.filter.search")}
      leftSection={<IconSearch size={15} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        settle(event.currentTarget.value.trim());
      }}
    />
  );
}

interface FlowFilterProps {
  value: string | null;
  onChange: (flow: string | undefined) => void;
}

export function FlowFilter({ value, onChange }: FlowFilterProps) {
  const { ws } = useWorkspace();
  const { data: flows = [] } = useQuery(flowsQuery(ws));
  return (
    <Select
      w={{ base: "100%", xs: 220 }}
      aria-label={t("runs.filter.flow")}
      placeholder={t("runs.filter.flow.any")}
      data={flows.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      clearable
      searchable={flows.length > 8}
      onChange={(flow) => onChange(flow ?? undefined)}
    />
  );
}

function NothingMatches({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      icon={IconFilterOff}
      title={t("runs.none.title")}
      action={
        <Button variant="default" onClick={onClear}>
          {t("runs.filter.clear")}
        </Button>
      }
    >
      {t("runs.none.text")}
    </EmptyState>
  );
}

function NoRunsYet() {
  const { ws, env } = useWorkspace();
  const live = isProduction(env);
  return (
    <EmptyState
      icon={IconActivity}
      title={t("runs.empty.title")}
      action={
        <Group gap="xs" justify="center">
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/w/$ws/flows" params={{ ws }} {...props} />}
          >
            {t("runs.empty.flows")}
          </Button>
          {!live && (
            <Button renderRoot={(props) => <Link to="/w/$ws/sandbox" params={{ ws }} {...props} />}>
              {t("runs.empty.sandbox")}
            </Button>
          )}
        </Group>
      }
    >
      {t(live ? "runs.empty.live" : "runs.empty.text")}
    </EmptyState>
  );
}
