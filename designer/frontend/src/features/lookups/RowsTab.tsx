import { Button, Group, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconPlus, IconSearch, IconTable } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, asProblem } from "@/api/client";
import { EmptyState, ProblemAlert } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { Awaited } from "./Awaited";
import { t } from "./en";
import classes from "./lookups.module.css";
import {
  asChange,
  type CellFaults,
  type Edits,
  editCount,
  faultsByRow,
  NO_EDITS,
  withRow,
} from "./model";
import { type LookupTable, lookupKeys, rowsQuery, type TableVersion, tablePath } from "./queries";
import { RowsGrid } from "./RowsGrid";
import { useLeaveGuard } from "./useLeaveGuard";

const TYPING_PAUSE_MS = 250;

/** The rows, typed over in place; edits wait below until they are saved as one version. */
export function RowsTab({ table, editable }: { table: LookupTable; editable: boolean }) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const [search, setSearch] = useSearchState();
  const [text, setText] = useState(search.q ?? "");
  const settle = useDebouncedCallback(
    (q: string) => setSearch({ q: q || undefined }),
    TYPING_PAUSE_MS,
  );
  const q = search.q ?? "";
  // What was read stays on the screen while somebody else saves: edits belong to that version.
  const [version, setVersion] = useState(table.version);
  const [edits, setEdits] = useState<Edits>(NO_EDITS);
  const [faults, setFaults] = useState<CellFaults>({});
  const [note, setNote] = useState("");
  const count = editCount(edits);
  if (count === 0 && version !== table.version) setVersion(table.version);
  const list = useInfiniteQuery(rowsQuery(ws, table.id, version, q));
  const rows = list.data?.pages.flatMap((page) => page.items);
  useLeaveGuard(count > 0);

  const save = useMutation({
    mutationFn: () => {
      const { put, remove } = asChange(edits);
      return api.patch<{ version: TableVersion | null }>(tablePath(ws, table.id, "/rows"), {
        based_on: version,
        put,
        remove,
        note: note.trim(),
      });
    },
    onSuccess: async (answer) => {
      setFaults({});
      await cache.invalidateQueries({ queryKey: lookupKeys.all(ws) });
      setEdits(NO_EDITS);
      setNote("");
      if (answer.version) {
        notifications.show({ message: t("save.saved", { number: answer.version.number }) });
      }
    },
    onError: (error) => setFaults(faultsByRow(asProblem(error).extras.rows, asChange(edits).order)),
  });
  const problem = save.error ? asProblem(save.error) : null;
  const conflict = problem?.code === "lookup.changed";
  const faulty = Object.keys(faults).length;
  const change = (next: Edits) => {
    setEdits(next);
    if (!conflict) save.reset();
  };
  const discard = () => {
    setEdits(NO_EDITS);
    setFaults({});
    save.reset();
  };
  const loadNewest = async () => {
    await cache.invalidateQueries({ queryKey: lookupKeys.all(ws) });
    // New rows stay; an edit of a row that somebody else changed has nothing to stand on.
    setEdits({ ...NO_EDITS, added: edits.added });
    setVersion(table.version);
    save.reset();
  };
  const keyColumns = table.columns.filter(({ key }) => key);
  const only = keyColumns.length === 1 ? keyColumns[0]?.name : undefined;
  const waits = (table.awaited ?? []).filter(
    ({ key }) => !edits.added.some(({ texts }) => only && texts[only] === key),
  );
  return (
    <>
      <Awaited
        keys={waits}
        onAdd={
          editable && only
            ? (key) => change(withRow(edits, table.columns, { [only]: key }))
            : undefined
        }
      />
      <Group mb="sm" gap="sm" justify="space-between">
        <Group gap="sm">
          <TextInput
            type="search"
            w={{ base: "100%", xs: 280 }}
            aria-label={t("rows.search")}
            placeholder={t("rows.search")}
            leftSection={<IconSearch size={15} aria-hidden />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              settle(event.currentTarget.value.trim());
            }}
          />
          <Text size="sm" c="dimmed" aria-live="polite">
            {t("rows.count", { count: table.row_count })}
          </Text>
        </Group>
        {editable && (
          <Button
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => change(withRow(edits, table.columns))}
          >
            {t("rows.add")}
          </Button>
        )}
      </Group>
      {conflict && (
        <div className={classes.notice}>
          <Notice
            role="alert"
            tone="amber"
            icon={<IconAlertTriangle size={18} />}
            title={t("save.conflict")}
            actions={
              <Button size="xs" onClick={() => void loadNewest()}>
                {t("save.conflict.load")}
              </Button>
            }
          >
            {t("save.conflict.text")}
          </Notice>
        </div>
      )}
      {problem && !conflict && faulty === 0 && <ProblemAlert error={save.error} />}
      {list.error && !rows ? (
        <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 && edits.added.length === 0 ? (
        q ? (
          <Text c="dimmed" py="lg">
            {t("rows.none", { text: q })}
          </Text>
        ) : (
          <EmptyState icon={IconTable} title={t("rows.empty.title")} compact>
            {t("rows.empty")}
          </EmptyState>
        )
      ) : (
        <RowsGrid
          table={table}
          rows={rows}
          edits={edits}
          faults={faults}
          editable={editable}
          onChange={change}
          hasMore={list.hasNextPage}
          loadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
        />
      )}
      {count > 0 && (
        <section className={classes.bar} aria-label={t("save.bar")}>
          <Text size="sm" fw={550} role="status" className={faulty > 0 ? classes.fault : undefined}>
            {faulty > 0 ? t("save.faults", { count: faulty }) : t("save.count", { count })}
          </Text>
          <TextInput
            className={classes.note}
            aria-label={t("save.note")}
            placeholder={t("save.note")}
            maxLength={300}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Button variant="default" onClick={discard}>
            {t("save.discard")}
          </Button>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            {t("save.save", { number: version + 1 })}
          </Button>
        </section>
      )}
    </>
  );
}
