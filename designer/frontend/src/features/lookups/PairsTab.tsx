import { ActionIcon, Button, Checkbox, Group, Select, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import {
  IconArrowsExchange,
  IconFilterOff,
  IconPencil,
  IconSearch,
  IconTrash,
} from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { connectionsQuery } from "@/api/queries";
import { TimeAgo } from "@/shared/time";
import { type Column, DataTable, EmptyState, ProblemAlert } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./lookups.module.css";
import { type CrossReference, referencesQuery } from "./queries";
import { DeleteReferences, EditReference } from "./referenceDialogs";

const TYPING_PAUSE_MS = 250;

/** Which record is which: searched, corrected, forgotten. */
export function PairsTab() {
  const { ws, env, can } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const [text, setText] = useState(search.q ?? "");
  const [editing, setEditing] = useState<CrossReference | null>(null);
  const [deleting, setDeleting] = useState<number[] | null>(null);
  const [selected, setSelected] = useState<readonly number[]>([]);
  const settle = useDebouncedCallback(
    (q: string) => setSearch({ q: q || undefined }),
    TYPING_PAUSE_MS,
  );
  const filter = { entity: search.entity, connection: search.connection, q: search.q };
  const list = useInfiniteQuery(referencesQuery(ws, env, filter));
  const { data: connections = [] } = useQuery(connectionsQuery(ws, env));
  const rows = list.data?.pages.flatMap((page) => page.items);
  const entities = list.data?.pages[0]?.entities ?? [];
  const editable = can("lookups.edit");
  const filtered = Boolean(filter.entity || filter.connection || filter.q);
  const nameOf = (slug: string) => connections.find((one) => one.slug === slug)?.name ?? slug;
  const pair = (row: CrossReference) => `${row.entity} ${row.left.id} = ${row.right.id}`;
  const clear = () => {
    setText("");
    setSearch({ q: undefined, entity: undefined, connection: undefined });
  };

  const columns: Column<CrossReference>[] = [
    ...(editable
      ? [
          {
            key: "select",
            title: <span className="cw-visually-hidden">{t("rows.actions")}</span>,
            width: 44,
            render: (row: CrossReference) => (
              <Checkbox
                aria-label={t("xrefs.select", { pair: pair(row) })}
                checked={selected.includes(row.id)}
                onChange={(event) =>
                  setSelected(
                    event.currentTarget.checked
                      ? [...selected, row.id]
                      : selected.filter((id) => id !== row.id),
                  )
                }
              />
            ),
          },
        ]
      : []),
    { key: "entity", title: t("xrefs.kind"), width: 130, render: (row) => row.entity },
    {
      key: "left",
      title: t("xrefs.left"),
      render: (row) => <Side name={nameOf(row.left.connection)} id={row.left.id} />,
    },
    {
      key: "right",
      title: t("xrefs.right"),
      render: (row) => <Side name={nameOf(row.right.connection)} id={row.right.id} />,
    },
    {
      key: "origin",
      title: t("xrefs.origin"),
      wideOnly: true,
      render: (row) =>
        row.run_id ? (
          <Link to="/w/$ws/runs/$runId" params={{ ws, runId: row.run_id }} className={classes.link}>
            {t("xrefs.run")}
          </Link>
        ) : (
          t("xrefs.person")
        ),
    },
    {
      key: "created",
      title: t("xrefs.created"),
      wideOnly: true,
      render: (row) => <TimeAgo at={row.created_at} />,
    },
    ...(editable
      ? [
          {
            key: "edit",
            title: <span className="cw-visually-hidden">{t("rows.actions")}</span>,
            width: 56,
            render: (row: CrossReference) => (
              <Tooltip label={t("xrefs.edit", { pair: pair(row) })}>
                <ActionIcon
                  aria-label={t("xrefs.edit", { pair: pair(row) })}
                  onClick={() => setEditing(row)}
                >
                  <IconPencil size={15} />
                </ActionIcon>
              </Tooltip>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <Group mb="md" gap="sm">
        <TextInput
          type="search"
          w={{ base: "100%", xs: 260 }}
          aria-label={t("xrefs.search")}
          placeholder={t("xrefs.search")}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            settle(event.currentTarget.value.trim());
          }}
        />
        <Select
          w={{ base: "100%", xs: 180 }}
          aria-label={t("xrefs.entity.label")}
          placeholder={t("xrefs.entity")}
          data={entities}
          value={filter.entity ?? null}
          clearable
          onChange={(entity) => setSearch({ entity: entity ?? undefined })}
        />
        <Select
          w={{ base: "100%", xs: 220 }}
          aria-label={t("xrefs.connection.label")}
          placeholder={t("xrefs.connection")}
          data={connections.map(({ slug, name }) => ({ value: slug, label: name }))}
          value={filter.connection ?? null}
          clearable
          searchable={connections.length > 8}
          onChange={(connection) => setSearch({ connection: connection ?? undefined })}
        />
        {filtered && (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconFilterOff size={15} aria-hidden />}
            onClick={clear}
          >
            {t("xrefs.clear")}
          </Button>
        )}
      </Group>
      {list.error && !rows ? (
        <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataTable
          label={t("xrefs.label")}
          columns={columns}
          rows={rows}
          loading={!rows}
          rowKey={(row) => String(row.id)}
          rowLabel={pair}
          hasMore={list.hasNextPage}
          loadingMore={list.isFetchingNextPage}
          onMore={() => void list.fetchNextPage()}
          empty={
            filtered ? (
              <EmptyState icon={IconFilterOff} title={t("xrefs.none.title")}>
                {t("xrefs.none")}
              </EmptyState>
            ) : (
              <EmptyState icon={IconArrowsExchange} title={t("xrefs.empty.title")}>
                {t("xrefs.empty")}
              </EmptyState>
            )
          }
        />
      )}
      {selected.length > 0 && (
        <section className={classes.bar} aria-label={t("rows.actions")}>
          <span role="status" className={classes.note}>
            {t("xrefs.selected", { count: selected.length })}
          </span>
          <Button variant="default" onClick={() => setSelected([])}>
            {t("cancel")}
          </Button>
          <Button
            color="red.8"
            leftSection={<IconTrash size={15} aria-hidden />}
            onClick={() => setDeleting([...selected])}
          >
            {t("xrefs.delete")}
          </Button>
        </section>
      )}
      <EditReference reference={editing} nameOf={nameOf} onClose={() => setEditing(null)} />
      <DeleteReferences
        ids={deleting}
        onClose={(done) => {
          setDeleting(null);
          if (done) setSelected([]);
        }}
      />
    </>
  );
}

function Side({ name, id }: { name: string; id: string }) {
  return (
    <span className={classes.side}>
      <b>{id}</b>
      <span>{name}</span>
    </span>
  );
}
